import { Injectable, Logger } from '@nestjs/common'
import type { Channel, JsonValue } from '../domain/channel-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { EventStore } from '../stock/event-store.js'
import { Stock } from '../stock/stock.js'
import { OrderIngest } from '../orders/order-ingest.js'
import { ListingProgress } from '../platforms/listing-progress.js'
import type { CallContext, ChannelReading, Cursor, Failure, Listing, PlatformAdapter } from '../platforms/port.js'
import { readingFact } from './channel-facts.js'
import { ChannelStore, type ChannelChange } from './channel-store.js'
import { checkedReading } from './reading/checked-responses.js'
import { DesiredState } from './desired-state.js'
import { isCompleteCount, READ_LAG_MS } from './recount.js'
import { partialLimitUpdate } from './channel-updates.js'

/** Of its first read, and of those that follow. */
const FIRST: CallContext = { lane: 'protect', continuation: false }
const LATER: CallContext = { lane: 'protect', continuation: true }

export const listingOf = (channel: Channel): Listing => ({
  externalEventId: channel.externalEventId,
  externalTicketClassId: channel.externalTicketClassId,
  // A lost raise may have landed: a cap written below it is a decrease.
  acknowledgedCap: channel.confirmedCap && Math.max(channel.confirmedCap, channel.unconfirmedCap ?? 0),
  lostCap: channel.confirmedCap === null ? channel.unconfirmedCap : null,
  typeLimits: channel.typeLimits as Record<string, number> | null,
})

/**
 * Imports a listing in its current state: its cap becomes the confirmed cap (unknown or unlimited: unbounded exposure),
 * its sales so far are recorded in the ledger, and only then is a desired state set for it.
 */
@Injectable()
export class ChannelImport {
  private readonly logger = new Logger(ChannelImport.name)

  constructor(
    private readonly channels: ChannelStore,
    private readonly events: EventStore,
    private readonly stock: Stock,
    private readonly orders: OrderIngest,
    private readonly desired: DesiredState,
    private readonly clock: Clock,
  ) {}

  /** Null: imported. After a failure only what was read so far is recorded; importing again is idempotent. */
  async importListing(channel: Channel, adapter: PlatformAdapter): Promise<Failure | null> {
    const reading = checkedReading(await adapter.readChannel(listingOf(channel), FIRST))
    if (reading.kind !== 'OK') return reading
    const { cap, mode } = reading.value
    const change = foundState(channel, reading.value)
    await this.stock.transact(channel.eventId, async (tx) => {
      const before = await this.channels.read(tx.transaction, channel.id)
      const after = await this.channels.update(tx.transaction, channel.id, change)
      const fact = readingFact(reading.value.asOf)(before, after)
      if (fact) tx.prove(fact)
    })
    const failure = await this.backfill(channel, adapter)
    if (failure) return failure
    await this.stock.transact(channel.eventId, async (tx) => {
      await this.channels.update(tx.transaction, channel.id, { importedAt: this.clock.now() })
      const event = await this.events.withChannels(tx.transaction, channel.eventId)
      await this.desired.replan(tx, event, event.channels)
    })
    this.logger.log({ eventId: channel.eventId, platform: channel.platform, cap, mode }, 'listing imported')
    return null
  }

  private async backfill(channel: Channel, adapter: PlatformAdapter): Promise<Failure | null> {
    let cursor: Cursor | null = null
    const progress = new ListingProgress()
    for (;;) {
      const read = await adapter.listOrders(listingOf(channel), 'full', cursor, LATER)
      if (read.kind !== 'OK') return read
      await this.orders.ingest(channel, read.value.snapshots, read.value.unreadable)
      const stuck = progress.stallReason(read.value.snapshots, cursor, read.value.nextCursor)
      cursor = read.value.nextCursor
      if (!read.value.done && stuck !== null) return { kind: 'UNAVAILABLE', reason: stuck }
      if (!read.value.done) continue
      const pulled = { listingCursor: cursor as JsonValue, lastPullAt: this.clock.now() }
      await this.channels.update(null, channel.id, pulled)
      return null
    }
  }
}

function foundState(channel: Channel, reading: ChannelReading): ChannelChange {
  const { cap, mode, sold, pending, asOf, waitlistAvailable, listingState, typeLimits } = reading
  const confirmedCap = typeof cap === 'number' ? cap : null
  return {
    confirmedCap,
    capUnlimited: cap === 'UNLIMITED',
    // A limit of ours that cannot be read may be below the cap, from writes before this import: one more is needed.
    confirmedMode: channel.writeSeq > 0 && reading.hasUnreadLimit ? 'UNKNOWN' : mode,
    confirmedAt: asOf,
    pendingTickets: pending,
    platformSold: sold,
    ...countedUpdate(channel, reading),
    ...partialLimitUpdate(reading, { confirmedCap, confirmedMode: mode }),
    waitlistAvailable,
    listingState: listingState ?? 'UNKNOWN',
    ...(typeLimits && !knowsTypes(channel, typeLimits) ? { typeLimits } : {}),
  }
}

/** Then the recorded limits are the organizer's own: those found later may have been written by us. */
function knowsTypes({ typeLimits: known }: Channel, found: Record<string, number>): boolean {
  if (known === null || typeof known !== 'object') return false
  const ids = Object.keys(found)
  return ids.length === 0 || ids.some((id) => id in known)
}

/** For a listing closed before its import: a reading made late enough after the closing counts what was sold. */
function countedUpdate(channel: Channel, { sold, asOf }: ChannelReading) {
  const { uncountedSince } = channel
  if (uncountedSince === null || sold === null || !isCompleteCount(channel, 0, sold, asOf)) return {}
  const inTime = asOf.getTime() >= uncountedSince.getTime() + READ_LAG_MS
  return inTime ? { uncountedSince: null, uncountedCap: null, recountAt: null, recounts: 0 } : {}
}
