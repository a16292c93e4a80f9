import { Injectable } from '@nestjs/common'
import type { Channel } from '../../domain/channel-record.js'
import { Clock } from '../../infrastructure/time/clock.js'
import type { CallContext, PlatformAdapter } from '../../platforms/port.js'
import { FailSafeState } from '../../system-mode/fail-safe-state.js'
import { ChannelPull } from './channel-pull.js'
import { ChannelStore } from '../channel-store.js'
import { readingDue } from './due-reading.js'
import { ListingReadings } from './listing-readings.js'
import { hasUnreadDelivery, isCountDerived, isRecountDue } from '../recount.js'
import type { JustCounted } from '../sync/cap-write-journal.js'
import { retryIn, SyncFailures, type SyncResult } from '../sync/sync-failures.js'

const BUSY_MS = 300

/** The listing was read and recorded. `counted`: what it showed. */
export interface ReadNow {
  counted: JustCounted
}

/** What a sync reads of its channel, between its writes. */
@Injectable()
export class ChannelReads {
  constructor(
    private readonly channels: ChannelStore,
    private readonly failSafe: FailSafeState,
    private readonly readings: ListingReadings,
    private readonly pulls: ChannelPull,
    private readonly failures: SyncFailures,
    private readonly clock: Clock,
  ) {}

  /** In fail-safe mode only the outcome of a lost write is read. */
  async ifDue(channel: Channel, adapter: PlatformAdapter): Promise<SyncResult | 'NOT DUE' | ReadNow> {
    const due = readingDue(channel, adapter, this.clock.now())
    if (due === null || (due === 'COUNT' && (await this.failSafe.isFailSafe(null)))) return 'NOT DUE'
    if (due === 'SETTLE') return this.readNow(channel, adapter, { lane: 'protect' }, true)
    // The count after a lowered cap is urgent: units it may release, and channels that need them, wait for it.
    const context = { lane: 'grow', urgent: channel.uncountedSince !== null } as const
    const polled = adapter.hasWebhooks ? await this.readDeliveries(channel, context) : await this.poll(channel, context)
    if (polled === 'NOT COUNTED') return this.readNow(channel, adapter, context)
    return polled ?? { counted: 'RECORDED' }
  }

  /** Null: it was read and recorded. */
  async read(channel: Channel, adapter: PlatformAdapter, context: CallContext): Promise<SyncResult | null> {
    const read = await this.readNow(channel, adapter, context)
    return 'done' in read ? read : null
  }

  /** `settles`: it started when no lost write could land any more. */
  async readNow(
    channel: Channel,
    adapter: PlatformAdapter,
    context: CallContext,
    settles = false,
  ): Promise<SyncResult | ReadNow> {
    const blocked = this.failures.blocked(channel, 'read')
    if (blocked) return blocked
    const reading = await this.readings.read(channel, adapter, context)
    if (reading.kind !== 'OK') return this.failures.recordFailure(channel, reading, 'read')
    this.failures.recordSuccess(channel, 'read')
    await this.readings.record(channel, reading.value, { settles })
    const { sold, pending } = reading.value
    return { counted: sold === null ? 'RECORDED' : { sold, pending } }
  }

  /** A derived count proves nothing before the orders that deliveries report are read. */
  private async readDeliveries(channel: Channel, context: CallContext): Promise<SyncResult | 'NOT COUNTED' | null> {
    if (!isCountDerived(channel) || !hasUnreadDelivery(channel, this.clock.now())) return 'NOT COUNTED'
    return this.readChanges(channel, context)
  }

  /** Its orders are read soon in any case, and that often shows the count too. Null: it was counted. */
  private async poll(channel: Channel, context: CallContext): Promise<SyncResult | 'NOT COUNTED' | null> {
    const { lastPullAt, recountAt } = channel
    if (lastPullAt && recountAt && lastPullAt >= recountAt) return 'NOT COUNTED'
    return this.readChanges(channel, context)
  }

  /** Null: that has counted the listing, too. */
  private async readChanges(channel: Channel, context: CallContext): Promise<SyncResult | 'NOT COUNTED' | null> {
    const blocked = this.failures.blocked(channel, 'read')
    if (blocked) return blocked
    const pulled = await this.pulls.pull(channel, 'changed', context)
    if (pulled.kind === 'BUSY') return retryIn(BUSY_MS, 'its orders are being read', this.clock.now())
    if (pulled.kind === 'FAILED') return this.failures.recordFailure(channel, pulled.failure, 'read')
    const current = await this.channels.read(null, channel.id)
    return isRecountDue(current, this.clock.now()) ? 'NOT COUNTED' : null
  }
}
