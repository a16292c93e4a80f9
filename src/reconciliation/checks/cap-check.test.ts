import { expect, it } from 'vitest'
import type { CapSync } from '../../channels/sync/cap-sync.js'
import type { ChannelJobs } from '../../channels/sync/channel-jobs.js'
import type { ChannelStore } from '../../channels/channel-store.js'
import type { ListingReadings } from '../../channels/reading/listing-readings.js'
import { emptyBalances } from '../../domain/stock/ledger-account.js'
import type { Channel } from '../../domain/channel-record.js'
import type { Locks } from '../../infrastructure/locks/locks.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import type { LedgerStore } from '../../stock/ledger-store.js'
import type { Platforms } from '../../platforms/platforms.js'
import { CapCheck } from './cap-check.js'
import type { Drift } from '../drift/drift.js'
import { channelRow } from '../../../test/support/fixtures/store-bench.js'

/** A listing whose organizer has ended its sales: opening it is confirmed and has no effect. */
async function checkEndedListing(afterCorrection: Partial<Channel>): Promise<Drift[]> {
  const time = new VirtualTime()
  const inSync = {
    desiredCap: 5,
    confirmedCap: 5,
    confirmedMode: 'OPEN',
    desiredVersion: 1,
    confirmedVersion: 1,
  } as const
  let row = channelRow('evt_1', { ...inSync, confirmedAt: time.now() })
  const found: Drift[] = []
  const reading = { cap: 5, capSource: 'read', mode: 'WAITLIST_ONLY', sold: 0, pending: 0 }
  const read = () => Promise.resolve({ kind: 'OK', value: reading })
  const sync = () => {
    // Once the write is confirmed, something else happens before the platform is read back.
    time.after(1, () => (row = { ...row, ...afterCorrection }))
    return Promise.resolve({ done: true, eventId: null })
  }
  const check = new CapCheck(
    { read: () => Promise.resolve(row) } as unknown as ChannelStore,
    { read: () => Promise.resolve({ epoch: 1, balances: emptyBalances() }) } as unknown as LedgerStore,
    { tryWith: (_name: string, work: () => unknown) => work() } as unknown as Locks,
    { of: () => ({}) } as unknown as Platforms,
    { read, record: () => Promise.resolve() } as unknown as ListingReadings,
    { sync } as unknown as CapSync,
    { wake: () => undefined } as unknown as ChannelJobs,
    time,
    time,
  )
  const sink = (drifts: readonly Drift[]) => Promise.resolve(void found.push(...drifts))
  const checked = check.check(row.id, { dryRun: false, sink, signal: new AbortController().signal })
  await time.until(checked, 60_000)
  return found
}

it.each([
  ['the record still shows the desired mode', {}],
  ['another read has recorded the mode of the platform', { confirmedMode: 'WAITLIST_ONLY' }],
  ['another write is in flight', { unconfirmedCap: 5, unconfirmedSince: new Date(0), unconfirmedMode: 'OPEN' }],
] as const)('counts a mode as corrected only if the platform shows it: %s', async (_case, afterCorrection) => {
  expect(await checkEndedListing(afterCorrection)).toMatchObject([{ kind: 'MODE_DRIFT', corrected: false }])
})
