import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DebugPoint } from '../../src/infrastructure/debug-point.js'
import { WEBHOOK_TOKEN } from '../support/service/test-system.js'
import {
  buildService,
  startServiceProcess,
  type ServiceProcess,
  type ServiceProcessOptions,
} from '../support/service/service-process.js'
import { since, startChaosHarness, type ChaosHarness } from './chaos-harness.js'
import type { LoadGenerator } from './load-generator.js'

const POINTS: DebugPoint[] = [
  'before-cap-write',
  'after-cap-write',
  'after-gate-before-ledger',
  'after-ledger-before-acknowledge',
]
const CAPACITY = 1_500
const KILL_TIMEOUT_MS = 20_000

let harness: ChaosHarness
let children: ServiceProcess[] = []

beforeAll(async () => {
  await buildService()
  // This process only serves HTTP; background work runs in processes that the test can kill.
  harness = await startChaosHarness({ instances: 1, background: false })
}, 120_000)
afterEach(async () => {
  for (const child of children) await child.kill()
  children = []
})
afterAll(async () => harness?.close())

async function start(role: 'all' | 'worker', options: Partial<ServiceProcessOptions> = {}): Promise<ServiceProcess> {
  const child = await startServiceProcess({ role, env: harness.childEnv, ...options })
  children.push(child)
  return child
}

describe('The service under load', () => {
  it('keeps its invariants when its process is killed twice', async () => {
    let service = await start('all')
    const { port } = service
    // The child process receives webhooks itself, in addition to the process that keeps running.
    harness.eventbrite.control.addWebhook(`${service.url}/webhooks/eventbrite/${WEBHOOK_TOKEN}`)
    await harness.runScenario('service killed', async () => {
      const startedAt = performance.now()
      for (let count = 0; count < 2; count++) {
        await service.kill()
        await sleep(500)
        service = await start('all', { port })
        await sleep(1_500)
      }
      return { recoveredMs: since(startedAt) }
    })
  })

  it('keeps its invariants when workers are killed one after another at each debug point', async () => {
    let previous = await start('worker')
    const killWorkers = async ({ eventId }: LoadGenerator) => {
      const killedMs: Record<string, number> = {}
      for (const [index, point] of POINTS.entries()) {
        const current = await start('worker', { killAt: point })
        await previous.kill()
        // Causes a cap write on every platform.
        const body = { capacity: CAPACITY + 30 * (index + 1) }
        const raised = await harness.app.call('PATCH', `/events/${eventId}`, { token: harness.token, body })
        expect(raised.status).toBe(200)
        const startedAt = performance.now()
        await Promise.race([current.ended, sleep(KILL_TIMEOUT_MS)])
        killedMs[point] = since(startedAt)
        expect(killedMs[point], `the worker reached ${point}`).toBeLessThan(KILL_TIMEOUT_MS)
        previous = current
      }
      await start('worker')
      return killedMs
    }
    await harness.runScenario('workers killed after ms', killWorkers, CAPACITY)
  })
})
