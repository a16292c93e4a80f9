import { afterAll, beforeAll, expect, it } from 'vitest'
import { ReconciliationService } from '../../src/reconciliation/reconciliation.service.js'
import {
  heapInUse,
  orderCountOf,
  refusals,
  sellWithoutNotification,
  startTestSystemWithoutWebhooks,
} from '../support/load/reconciliation.js'
import type { TestSystem } from '../support/service/test-system.js'

// The full size, 200 events of 500 tickets, runs with `npm run bench -- reconcile`.
const EVENTS = 40
const TICKETS = 500
/** Bytes. All 10,000 orders in memory for the length of a run would take more than twice as much. */
const MAX_GROWTH = 8 * 2 ** 20

let system: TestSystem
beforeAll(async () => {
  system = await startTestSystemWithoutWebhooks({ limitScale: 200, pace: 1 })
})
afterAll(() => system.close())

it('A reconciliation run over many events keeps memory use flat and stays within rate limits, and the next run finds no drift', async () => {
  const orders = EVENTS * orderCountOf(TICKETS)
  for (let number = 0; number < EVENTS; number++) await sellWithoutNotification(system, number, TICKETS)
  const heaps: number[] = []
  const onProgress = () => void heaps.push(heapInUse())
  const service = system.app.app.get(ReconciliationService)
  const run = await service.run({ onProgress })
  expect(run, run.reason ?? '').toMatchObject({ state: 'SUCCEEDED', eventsDone: EVENTS, itemCount: orders })
  expect(run.items).toHaveLength(Math.min(orders, 1_000))
  expect(new Set(run.items.map(({ kind, corrected }) => `${kind} ${corrected}`))).toEqual(
    new Set(['MISSING_SALE true']),
  )
  expect(await service.run({ onProgress })).toMatchObject({ state: 'SUCCEEDED', itemCount: 0 })
  expect(refusals(system)).toBe(0)
  expect(Math.max(...heaps) - Math.min(...heaps.slice(0, 2))).toBeLessThan(MAX_GROWTH)
}, 240_000)
