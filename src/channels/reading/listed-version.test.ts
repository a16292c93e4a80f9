import { expect, it } from 'vitest'
import type { Channel } from '../../domain/channel-record.js'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import type { Locks } from '../../infrastructure/locks/locks.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import type { OrderIngest } from '../../orders/order-ingest.js'
import type { Platforms } from '../../platforms/platforms.js'
import type { ListScope } from '../../platforms/port.js'
import type { ChannelChange, ChannelStore } from '../channel-store.js'
import { ChannelPull } from './channel-pull.js'
import type { ListingReadings } from './listing-readings.js'

const START_MS = Date.parse('2026-11-20T10:00:00.000Z')
const NOTHING_DUE = { syncError: null, listingCursor: null, raisedAt: null, recountAt: null }
const CHANNEL = { id: 'chn_1', platform: 'LUMA', ...NOTHING_DUE } as Channel
const at = (seconds: number) => new Date(START_MS + seconds * 1_000).toISOString()

function order(orderId: string, version: string, versionIsReadTime: boolean): OrderSnapshot {
  const fixed = { externalEventId: 'x', tickets: [], complete: true, buyer: null, placedAt: null }
  return { orderId, version, versionIsReadTime, ...fixed }
}

/** What a read of these pages, one second each, records with the channel. Only the adapter and the stores are replaced. */
async function pulled(scope: ListScope, pages: readonly OrderSnapshot[][]): Promise<ChannelChange> {
  const time = new VirtualTime(START_MS)
  const changes: ChannelChange[] = []
  let page = 0
  const listOrders = async () => {
    await time.sleep(1_000)
    const snapshots = pages[page] ?? []
    page += 1
    return { kind: 'OK', value: { snapshots, nextCursor: { page }, done: page >= pages.length, platformCount: null } }
  }
  const channels = {
    read: () => Promise.resolve(CHANNEL),
    update: (_transaction: null, _id: string, change: ChannelChange) => Promise.resolve(changes.push(change)),
  }
  const pull = new ChannelPull(
    channels as unknown as ChannelStore,
    { tryWith: (_name: string, work: () => unknown) => work() } as unknown as Locks,
    { of: () => ({ listOrders }) } as unknown as Platforms,
    { ingest: () => Promise.resolve([]) } as unknown as OrderIngest,
    {} as ListingReadings,
    time,
  )
  const reading = pull.pull(CHANNEL, scope, { lane: 'bulk' })
  expect(await time.until(reading, 60_000)).toMatchObject({ kind: 'DONE' })
  expect(changes).toHaveLength(1)
  return changes[0] ?? {}
}

it('records the oldest read time of a full list, by a platform whose clock is behind', async () => {
  const pages = [[order('a', at(-60), true)], [order('b', at(-59), true), order('c', at(-58), true)]]
  expect((await pulled('full', pages)).listedVersion).toBe(at(-60))
})

it('records a time before the start of the read, by a platform whose clock is ahead', async () => {
  expect((await pulled('full', [[order('a', at(60), true)]])).listedVersion).toBe(at(-5))
})

it.each([
  ['a list of changes', 'changed' as const, [[order('a', at(-60), true)]]],
  ['versions of the platform', 'full' as const, [[order('a', at(-60), false)]]],
  ['an empty list', 'full' as const, [[]]],
])('records no time of %s', async (_what, scope, pages) => {
  expect(await pulled(scope, pages)).not.toHaveProperty('listedVersion')
})
