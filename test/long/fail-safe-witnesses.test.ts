import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { AdvisoryLock } from '../../src/infrastructure/prisma/advisory-lock.js'
import { Instances } from '../../src/infrastructure/instances/instances.js'
import { modeOf, untilMode } from '../support/outage.js'
import { startTwoRoutes } from '../support/two-routes.js'
import { until } from '../support/test-system.js'

type World = Awaited<ReturnType<typeof startTwoRoutes>>

const DIRECT = { name: 'At the door', startsAt: '2031-01-01T18:00:00Z', capacity: 500, directWeight: 1 }

let world: World
let prisma: PrismaService
let eventId: string

beforeAll(async () => {
  world = await startTwoRoutes()
  prisma = world.apps[0]!.app.get(PrismaService)
  const made = await world.apps[0]!.call<{ id: string }>('POST', '/events', { token: world.token, body: DIRECT })
  eventId = made.body.id
  await until(async () => expect((await hold(0)).status).toBe(201))
  await until(async () => expect((await hold(1)).status).toBe(201))
})
afterAll(() => world?.close())

const hold = (index: number) =>
  world.apps[index]!.call('POST', `/events/${eventId}/holds`, { token: world.token, body: { quantity: 1 } })
const ready = (index: number) => world.apps[index]!.call<{ errors?: object[] }>('GET', '//health/ready')
const transitions = () => prisma.modeTransition.count()

describe('one of two instances that cannot reach Redis', () => {
  it('takes itself out of service and says so; the other one goes on selling', async () => {
    const before = await transitions()
    world.routes[1]!.silence()
    await until(async () => {
      const { status, body } = await ready(1)
      expect(status).toBe(503)
      expect(body.errors).toContainEqual({ field: 'instance', message: expect.stringMatching(/all .+\/\d+: Redis/) })
    })
    expect((await hold(1)).body).toMatchObject({ code: 'FAIL_SAFE' })
    expect(await world.apps[1]!.app.get(AdvisoryLock).tryWith('anything', async () => true)).toBeNull()
    // For much longer than a word of it would have needed.
    await sleep(3_000)
    expect((await hold(0)).status).toBe(201)
    await until(async () => expect((await ready(0)).status).toBe(200))
    expect(await modeOf(world)).toMatchObject({ mode: 'NORMAL' })
    expect(await transitions()).toBe(before)
    const rows = await prisma.instance.findMany({ orderBy: { redisOk: 'asc' } })
    expect(rows).toMatchObject([
      { redisOk: false, why: expect.any(String) },
      { redisOk: true, why: null },
    ])
    expect(world.apps[0]!.app.get(Instances).liveCount()).toBe(2)
    const where = { kind: 'FAIL_SAFE', detail: { contains: 'is out of service' } }
    await until(async () => {
      const raised = await prisma.alert.findMany({ where })
      expect(raised.map(({ detail }) => detail)).toEqual([expect.stringMatching(/^all .+\/\d+ is out/)])
    }, 15_000)
  })

  it('does not hold up a recovery', async () => {
    await prisma.alert.updateMany({ data: { acknowledgedAt: new Date() } })
    world.routes[0]!.silence()
    await until(async () => {
      const { mode, reason } = await prisma.systemMode.findFirstOrThrow()
      expect(mode).toBe('FAIL_SAFE')
      expect(reason).toMatch(/^Redis does not answer: .+ \(not reached by all .+, all .+\)$/)
    })
    await until(async () => {
      const alert = await prisma.alert.findFirst({ where: { kind: 'FAIL_SAFE', acknowledgedAt: null } })
      expect(alert?.detail).toMatch(/not reached by all/)
    })
    world.routes[0]!.switchTo(world.redis.port)
    await untilMode(world, 'NORMAL')
    await until(async () => expect((await hold(0)).status).toBe(201))
    expect((await hold(1)).body).toMatchObject({ code: 'FAIL_SAFE' })
  })

  it('is in service again by itself once its route is repaired', async () => {
    world.routes[1]!.switchTo(world.redis.port)
    await until(async () => expect((await hold(1)).status).toBe(201))
    await until(async () => expect((await ready(1)).status).toBe(200))
  })

  it('is alone, and believes itself, when the other one has ended', async () => {
    await world.apps[0]!.close()
    world.apps.shift()
    const route = world.routes[1]!
    route.silence()
    const stored = world.apps[0]!.app.get(PrismaService).systemMode
    await until(async () => expect(await stored.findFirstOrThrow()).toMatchObject({ mode: 'FAIL_SAFE' }))
    route.switchTo(world.redis.port)
    await until(async () => expect(await stored.findFirstOrThrow()).toMatchObject({ mode: 'NORMAL' }))
  })
})
