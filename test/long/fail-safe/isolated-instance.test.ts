import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { Locks } from '../../../src/infrastructure/locks/locks.js'
import { Instances } from '../../../src/infrastructure/instances/instances.js'
import { modeOf, untilMode } from '../../support/service/outage.js'
import { startInstancesOnSeparateRoutes } from '../../support/service/redis-routes.js'
import { until } from '../../support/service/test-system.js'

type TestInstances = Awaited<ReturnType<typeof startInstancesOnSeparateRoutes>>

const DIRECT = { name: 'At the door', startsAt: '2031-01-01T18:00:00Z', capacity: 500, directWeight: 1 }

let system: TestInstances
let prisma: PrismaService
let eventId: string

beforeAll(async () => {
  system = await startInstancesOnSeparateRoutes()
  prisma = system.apps[0]!.app.get(PrismaService)
  const made = await system.apps[0]!.call<{ id: string }>('POST', '/events', { token: system.token, body: DIRECT })
  eventId = made.body.id
  await until(async () => expect((await hold(0)).status).toBe(201))
  await until(async () => expect((await hold(1)).status).toBe(201))
})
afterAll(() => system?.close())

const hold = (index: number) =>
  system.apps[index]!.call('POST', `/events/${eventId}/holds`, { token: system.token, body: { quantity: 1 } })
const ready = (index: number) => system.apps[index]!.call<{ errors?: object[] }>('GET', '//health/ready')
const transitions = () => prisma.modeTransition.count()

describe('An instance that cannot reach Redis while another one can', () => {
  it('takes itself out of service and reports it, while the other instance keeps selling', async () => {
    const before = await transitions()
    system.routes[1]!.silence()
    await until(async () => {
      const { status, body } = await ready(1)
      expect(status).toBe(503)
      expect(body.errors).toContainEqual({ field: 'instance', message: expect.stringMatching(/all .+\/\d+: Redis/) })
    })
    expect((await hold(1)).body).toMatchObject({ code: 'FAIL_SAFE' })
    expect(await system.apps[1]!.app.get(Locks).tryWith('anything', async () => true)).toBeNull()
    // Much longer than entering fail-safe mode would take.
    await sleep(3_000)
    expect((await hold(0)).status).toBe(201)
    await until(async () => expect((await ready(0)).status).toBe(200))
    expect(await modeOf(system)).toMatchObject({ mode: 'NORMAL' })
    expect(await transitions()).toBe(before)
    const rows = await prisma.instance.findMany({ orderBy: { redisOk: 'asc' } })
    expect(rows).toMatchObject([
      { redisOk: false, lastError: expect.any(String) },
      { redisOk: true, lastError: null },
    ])
    expect(system.apps[0]!.app.get(Instances).liveCount()).toBe(2)
    const where = { kind: 'FAIL_SAFE', detail: { contains: 'is out of service' } }
    await until(async () => {
      const raised = await prisma.alert.findMany({ where })
      expect(raised.map(({ detail }) => detail)).toEqual([expect.stringMatching(/^all .+\/\d+ is out/)])
    }, 15_000)
  })

  it('does not delay a recovery of the other instance', async () => {
    await prisma.alert.updateMany({ data: { acknowledgedAt: new Date() } })
    system.routes[0]!.silence()
    await until(async () => {
      const { mode, reason } = await prisma.systemMode.findFirstOrThrow()
      expect(mode).toBe('FAIL_SAFE')
      expect(reason).toMatch(/^Redis is unreachable: .+ \(reported by all .+, all .+\)$/)
    })
    await until(async () => {
      const alert = await prisma.alert.findFirst({ where: { kind: 'FAIL_SAFE', acknowledgedAt: null } })
      expect(alert?.detail).toMatch(/reported by all/)
    })
    system.routes[0]!.switchTo(system.redis.port)
    await untilMode(system, 'NORMAL')
    await until(async () => expect((await hold(0)).status).toBe(201))
    expect((await hold(1)).body).toMatchObject({ code: 'FAIL_SAFE' })
  })

  it('returns to service automatically when its route is repaired', async () => {
    system.routes[1]!.switchTo(system.redis.port)
    await until(async () => expect((await hold(1)).status).toBe(201))
    await until(async () => expect((await ready(1)).status).toBe(200))
  })

  it('enters fail-safe mode and recovers alone when the other instance has stopped', async () => {
    await system.apps[0]!.close()
    system.apps.shift()
    const route = system.routes[1]!
    route.silence()
    const stored = system.apps[0]!.app.get(PrismaService).systemMode
    await until(async () => expect(await stored.findFirstOrThrow()).toMatchObject({ mode: 'FAIL_SAFE' }))
    route.switchTo(system.redis.port)
    await until(async () => expect(await stored.findFirstOrThrow()).toMatchObject({ mode: 'NORMAL' }))
  })
})
