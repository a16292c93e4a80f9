import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { untilChannels } from '../support/service/outage.js'
import { until } from '../support/service/test-system.js'
import { SYNC_TIMEOUT_MS, since, startChaosHarness, type ChaosHarness } from './chaos-harness.js'

let harness: ChaosHarness

beforeAll(async () => {
  harness = await startChaosHarness()
})
afterAll(async () => harness?.close())

describe('The service under load', () => {
  it('keeps its invariants while PostgreSQL is stopped for 5 s', () =>
    harness.runScenario('PostgreSQL 5 s', async (load) => {
      await harness.postgres.halt()
      await sleep(5_000)
      expect(load.responses.get('UNAVAILABLE') ?? 0).toBeGreaterThan(0)
      const repairedAt = performance.now()
      await harness.postgres.resume()
      await until(async () => expect((await harness.app.call('GET', '//health/ready')).status).toBe(200))
      return { recoveredMs: since(repairedAt) }
    }))

  it('keeps its invariants while all platforms respond 503 for 10 s', () =>
    harness.runScenario('platforms 10 s', async () => {
      const outageUntil = Date.now() + 10_000
      for (const knobs of [harness.eventbrite.knobs, harness.luma.knobs, harness.meetup.control.knobs]) {
        knobs.patch({ outageUntil })
      }
      await sleep(10_000)
      const repairedAt = performance.now()
      await untilChannels(harness, { pending: 0 }, SYNC_TIMEOUT_MS)
      return { inSyncMs: since(repairedAt) }
    }))
})
