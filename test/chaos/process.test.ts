import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DebugPoint } from '../../src/infrastructure/debug-point.js'
import { WEBHOOK_TOKEN } from '../support/test-system.js'
import { buildService, startChild, type Child, type ChildOptions } from '../support/service-process.js'
import { since, startChaosHarness, type ChaosHarness } from './chaos-harness.js'
import type { LoadGenerator } from './load-generator.js'

const POINTS: DebugPoint[] = [
  'before-cap-write',
  'after-cap-write',
  'after-gate-before-ledger',
  'after-ledger-before-acknowledge',
]
const CAPACITY = 1_500
const KILLED_WITHIN_MS = 20_000

let stage: ChaosHarness
let children: Child[] = []

beforeAll(async () => {
  await buildService()
  // This process serves HTTP alone; the work is done by processes that can be killed.
  stage = await startChaosHarness({ instances: 1, background: false })
}, 120_000)
afterEach(async () => {
  for (const child of children) await child.kill()
  children = []
})
afterAll(async () => stage?.close())

async function start(role: 'all' | 'worker', options: Partial<ChildOptions> = {}): Promise<Child> {
  const child = await startChild({ role, env: stage.childEnv, ...options })
  children.push(child)
  return child
}

describe('a sale storm', () => {
  it('and the service is killed twice', async () => {
    let service = await start('all')
    const { port } = service
    // It hears of sales itself, beside the process that stays.
    stage.eventbrite.control.addWebhook(`${service.url}/webhooks/eventbrite/${WEBHOOK_TOKEN}`)
    await stage.survive('service killed', async () => {
      const began = performance.now()
      for (let turn = 0; turn < 2; turn++) {
        await service.kill()
        await sleep(500)
        service = await start('all', { port })
        await sleep(1_500)
      }
      return { backMs: since(began) }
    })
  })

  it('and workers die, one after the other, between all steps that belong together', async () => {
    let last = await start('worker')
    const harm = async ({ eventId }: LoadGenerator) => {
      const died: Record<string, number> = {}
      for (const [index, point] of POINTS.entries()) {
        const doomed = await start('worker', { killAt: point })
        await last.kill()
        // Something to write to every platform.
        const body = { capacity: CAPACITY + 30 * (index + 1) }
        const raised = await stage.app.call('PATCH', `/events/${eventId}`, { token: stage.token, body })
        expect(raised.status).toBe(200)
        const began = performance.now()
        await Promise.race([doomed.ended, sleep(KILLED_WITHIN_MS)])
        died[point] = since(began)
        expect(died[point], `it came to ${point}`).toBeLessThan(KILLED_WITHIN_MS)
        last = doomed
      }
      await start('worker')
      return died
    }
    await stage.survive('workers died after ms', harm, CAPACITY)
  })
})
