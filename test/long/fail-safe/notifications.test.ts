import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CreatedNotificationDto } from '../../../src/notifications/targets/targets.dto.js'
import { Receiver } from '../../support/servers/receiver.js'
import { startRedis, type DedicatedRedis } from '../../support/servers/redis.js'
import { startFailSafe } from '../../support/service/outage.js'
import { startTestSystem, until, type TestSystem } from '../../support/service/test-system.js'

/** From the instant at which Redis is killed. */
const GOAL_MS = 10_000

let redis: DedicatedRedis
let receiver: Receiver
let system: TestSystem

beforeAll(async () => {
  redis = await startRedis()
  receiver = await Receiver.start()
  // The default delays of the fail-safe mode.
  system = await startTestSystem({ redisUrl: redis.url, env: { ALLOW_PRIVATE_TARGETS: 'on' } })
  await startFailSafe(system)
})
afterAll(async () => {
  await system?.close()
  await receiver?.stop()
  await redis?.stop()
})

async function add(path: string): Promise<void> {
  const body = { kind: 'WEBHOOK', target: receiver.url + path, events: ['ALERT', 'RESOLVED'], label: path }
  const added = await system.app.call<CreatedNotificationDto>('POST', '/notifications', { token: system.token, body })
  expect(added.status).toBe(201)
}
const aboutMode = (path: string) =>
  receiver
    .at(path)
    .filter(({ text }) => text.includes('FAIL_SAFE'))
    .map(({ body }) => body['type'])

describe('The loss of Redis', () => {
  it('is notified within ten seconds, next to a target that does not respond, and so is its end', async () => {
    await add('/hook')
    await add('/dead')
    receiver.respond = (response, { path }) => {
      if (path !== '/dead') response.writeHead(204).end()
    }
    const killedAt = performance.now()
    await redis.kill()
    await until(() => expect(aboutMode('/hook')).toContain('ALERT'), 30_000)
    const afterMs = Math.round(performance.now() - killedAt)
    expect(afterMs).toBeLessThanOrEqual(GOAL_MS)
    expect(aboutMode('/hook')).not.toContain('RESOLVED')
    await redis.restart()
    await until(() => {
      const events = aboutMode('/hook')
      expect(events).toContain('RESOLVED')
      expect(events.filter((event) => event === 'RESOLVED')).toHaveLength(events.length / 2)
    }, 60_000)
  }, 120_000)
})
