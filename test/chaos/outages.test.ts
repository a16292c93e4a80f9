import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { untilChannels } from '../support/outage.js'
import { until } from '../support/test-system.js'
import { BUDGET_MS, since, startChaosHarness, type ChaosHarness } from './chaos-harness.js'

let stage: ChaosHarness

beforeAll(async () => {
  stage = await startChaosHarness()
})
afterAll(async () => stage?.close())

describe('a sale storm', () => {
  it('and PostgreSQL is stopped for 5 s', () =>
    stage.survive('PostgreSQL 5 s', async (storm) => {
      await stage.postgres.halt()
      await sleep(5_000)
      expect(storm.answers.get('UNAVAILABLE') ?? 0).toBeGreaterThan(0)
      const repaired = performance.now()
      await stage.postgres.resume()
      await until(async () => expect((await stage.app.call('GET', '//health/ready')).status).toBe(200))
      return { backMs: since(repaired) }
    }))

  it('and all platforms answer 503 for 10 s', () =>
    stage.survive('platforms 10 s', async () => {
      const outageUntil = Date.now() + 10_000
      for (const knobs of [stage.eventbrite.knobs, stage.luma.knobs, stage.meetup.control.knobs]) {
        knobs.patch({ outageUntil })
      }
      await sleep(10_000)
      const repaired = performance.now()
      await untilChannels(stage, { pending: 0 }, BUDGET_MS)
      return { settledMs: since(repaired) }
    }))
})
