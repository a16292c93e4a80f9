import { Injectable } from '@nestjs/common'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import type { Channel, JsonValue } from '../../domain/channel-record.js'
import { Locks } from '../../infrastructure/locks/locks.js'
import { Clock } from '../../infrastructure/time/clock.js'
import type { AppliedOrder } from '../../domain/orders/applied-order.js'
import { OrderIngest } from '../../orders/order-ingest.js'
import { ListingProgress } from '../../platforms/listing-progress.js'
import { traitsOf } from '../../platforms/registry.js'
import { Platforms } from '../../platforms/platforms.js'
import type { CallContext, Cursor, Failure, ListScope, OrderPage, Outcome } from '../../platforms/port.js'
import { listingOf } from '../channel-import.js'
import { ChannelStore } from '../channel-store.js'
import { ListingReadings } from './listing-readings.js'
import { isRecountDue, isUnread } from '../recount.js'
import { describe, permanent } from '../sync/sync-failures.js'

/** `changed`: per changed order, the time of the change according to the platform; null where it reports none. */
export type PullResult =
  { kind: 'DONE'; orders: number; changed: (Date | null)[] } | { kind: 'BUSY' } | { kind: 'FAILED'; failure: Failure }

/** Reads the changed orders of a listing, or all of them, page by page, and applies them. */
@Injectable()
export class ChannelPull {
  constructor(
    private readonly channels: ChannelStore,
    private readonly locks: Locks,
    private readonly platforms: Platforms,
    private readonly orderIngest: OrderIngest,
    private readonly readings: ListingReadings,
    private readonly clock: Clock,
  ) {}

  /**
   * The cursor advances only after the last page: an aborted read restarts from its beginning. So the later pages wait for
   * budget in place; a read that restarted whenever it is throttled would spend a small budget on its first pages forever.
   */
  async pull(channel: Channel, scope: ListScope, context: CallContext): Promise<PullResult> {
    const result = await this.locks.tryWith(`pull:${channel.id}`, () => this.pullLocked(channel.id, scope, context))
    return result ?? { kind: 'BUSY' }
  }

  private async pullLocked(channelId: string, scope: ListScope, context: CallContext): Promise<PullResult> {
    const channel = await this.channels.read(null, channelId)
    const adapter = this.platforms.of(channel)
    const startedAt = this.clock.now()
    let cursor = scope === 'full' ? null : (channel.listingCursor as Cursor | null)
    let orders = 0
    let listedVersion: string | null = null
    const changed: (Date | null)[] = []
    const progress = new ListingProgress()
    const urgent = context.urgent === true || isUnread(channel)
    const callContext = { ...context, urgent, count: isRecountDue(channel, startedAt) }
    for (let continuation = false; ; continuation = true) {
      const pageAt = this.clock.now()
      const pageContext = { ...callContext, continuation }
      const read: Outcome<OrderPage> = await adapter.listOrders(listingOf(channel), scope, cursor, pageContext)
      if (read.kind !== 'OK') return this.failed(channel, read)
      const { snapshots, unreadable, observed } = read.value
      if (observed && this.readings.isChange(channel, observed)) await this.readings.observe(channel, observed, pageAt)
      const applied = await this.orderIngest.ingest(channel, snapshots, unreadable)
      changed.push(...changesOf(channel, snapshots, applied))
      orders += snapshots.length
      listedVersion = oldestReadTime(listedVersion, snapshots)
      const stuck = progress.stallReason(snapshots, cursor, read.value.nextCursor)
      cursor = read.value.nextCursor
      if (!read.value.done && stuck !== null) return { kind: 'FAILED', failure: { kind: 'UNAVAILABLE', reason: stuck } }
      if (!read.value.done) continue
      const pulled = { listingCursor: cursor as JsonValue, lastPullAt: startedAt }
      const listed = scope === 'full' ? listedUpdate(listedVersion, startedAt) : {}
      await this.channels.update(null, channelId, { ...pulled, ...listed })
      await this.recordReadError(channel, null)
      return { kind: 'DONE', orders, changed }
    }
  }

  private async failed(channel: Channel, failure: Failure): Promise<PullResult> {
    const refusal = permanent(failure)
    if (refusal) await this.recordReadError(channel, describe('read', refusal))
    return { kind: 'FAILED', failure }
  }

  /** Why the listing cannot be read, for operators. Never replaces an error of a write: only a write resolves that. */
  private async recordReadError({ id, syncError: before }: Channel, syncError: string | null): Promise<void> {
    if (syncError === before || (before !== null && !before.startsWith('read:'))) return
    await this.channels.updateIf(null, id, { syncError: before }, { syncError })
  }
}

/** The smaller one of a version and those of these snapshots that are read times; null: there is none. */
function oldestReadTime(version: string | null, snapshots: readonly OrderSnapshot[]): string | null {
  const readTimes = snapshots.filter(({ versionIsReadTime }) => versionIsReadTime)
  return readTimes.reduce<string | null>((oldest, read) => {
    return oldest === null || read.version < oldest ? read.version : oldest
  }, version)
}

/** What a list may be ahead of later reads by the clocks of a platform's servers, ms: those must not count as older. */
const CLOCK_DIFFERENCE_MS = 5_000

/** Also where the platform's clock is ahead of ours, what is read after the list is not older than it. */
function listedUpdate(version: string | null, startedAt: Date): { listedVersion?: string } {
  if (version === null) return {}
  const limit = new Date(startedAt.getTime() - CLOCK_DIFFERENCE_MS).toISOString()
  return { listedVersion: version < limit ? version : limit }
}

function changesOf(
  channel: Channel,
  snapshots: readonly OrderSnapshot[],
  applied: readonly AppliedOrder[],
): (Date | null)[] {
  return snapshots.flatMap((snapshot, index) => {
    const order = applied[index]
    if (!order?.changed) return []
    // A version that is the time of reading does not date the change; only a registration has a time of its own.
    if (traitsOf(channel.platform).versionsAreReadTimes) return [order.delta > 0 ? snapshot.placedAt : null]
    return [new Date(snapshot.version)]
  })
}
