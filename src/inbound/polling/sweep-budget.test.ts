import { expect, it } from 'vitest'
import { channelRow, eventRow } from '../../../test/support/fixtures/store-bench.js'
import type { Config } from '../../infrastructure/config/config.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import type { Outbound } from '../../platforms/outbound.js'
import { emptyBalances } from '../../domain/stock/ledger-account.js'
import type { EventStore } from '../../stock/event-store.js'
import { SweepBudget } from './sweep-budget.js'

/** Pauses between sweeps of one listing on each of two connections, whose rate limits have these buckets. */
async function pausesWith(buckets: Record<string, string>): Promise<number[]> {
  const event = eventRow()
  const channels = Object.keys(buckets).map((connectionId) => {
    return channelRow(event.id, { platform: 'LUMA', connectionId, importedAt: new Date(0) })
  })
  const events = { snapshots: async () => [{ event, balances: emptyBalances(), channels }] } as unknown as EventStore
  const outbound = { bucketOf: (id: string) => buckets[id] } as unknown as Outbound
  const config = { luma: { rateLimit: { limit: 200, windowSeconds: 60 } } } as unknown as Config
  const budget = new SweepBudget(events, outbound, config, new VirtualTime())
  return Promise.all(Object.keys(buckets).map(async (id) => (await budget.load(id)).affordableMs))
}

it('Connections to one account share its budget for sweeps, others do not', async () => {
  const [own = 0] = await pausesWith({ con_1: 'luma:a' })
  expect(own).toBeGreaterThan(0)
  expect(await pausesWith({ con_1: 'luma:a', con_2: 'luma:b' })).toEqual([own, own])
  expect(await pausesWith({ con_1: 'luma:a', con_2: 'luma:a' })).toEqual([2 * own, 2 * own])
})
