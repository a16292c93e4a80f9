import { Injectable } from '@nestjs/common'
import type { Channel } from '../../domain/channel-record.js'
import { Clock } from '../../infrastructure/time/clock.js'
import type { CallContext, PlatformAdapter } from '../../platforms/port.js'
import { FailSafeState } from '../../system-mode/fail-safe-state.js'
import { ChannelPull } from './channel-pull.js'
import { ChannelStore } from '../channel-store.js'
import { readingDue } from './due-reading.js'
import { ListingReadings } from './listing-readings.js'
import { isRecountDue } from '../recount.js'
import { retryIn, SyncFailures, type SyncResult } from '../sync/sync-failures.js'

const BUSY_MS = 300

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

  /** Null: it was read. In fail-safe mode only the outcome of a lost write is read. */
  async ifDue(channel: Channel, adapter: PlatformAdapter): Promise<SyncResult | 'NOT DUE' | null> {
    const due = readingDue(channel, adapter, this.clock.now())
    if (due === null || (due === 'COUNT' && (await this.failSafe.isFailSafe(null)))) return 'NOT DUE'
    if (due === 'SETTLE') return this.read(channel, adapter, { lane: 'protect' }, true)
    // The count after a lowered cap is urgent: units it may release, and channels that need them, wait for it.
    const context = { lane: 'grow', urgent: channel.uncountedSince !== null } as const
    const polled = adapter.hasWebhooks ? 'NOT COUNTED' : await this.poll(channel, context)
    return polled === 'NOT COUNTED' ? this.read(channel, adapter, context) : polled
  }

  /** Null: it was read and recorded. `settles`: it started when no lost write could land any more. */
  async read(
    channel: Channel,
    adapter: PlatformAdapter,
    context: CallContext,
    settles = false,
  ): Promise<SyncResult | null> {
    const blocked = this.failures.blocked(channel, 'read')
    if (blocked) return blocked
    const reading = await this.readings.read(channel, adapter, context)
    if (reading.kind !== 'OK') return this.failures.recordFailure(channel, reading, 'read')
    this.failures.recordSuccess(channel, 'read')
    await this.readings.record(channel, reading.value, { settles })
    return null
  }

  /** Its orders are read soon in any case, and that often shows the count too. Null: it was counted. */
  private async poll(channel: Channel, context: CallContext): Promise<SyncResult | 'NOT COUNTED' | null> {
    const { id, lastPullAt, recountAt } = channel
    if (lastPullAt && recountAt && lastPullAt >= recountAt) return 'NOT COUNTED'
    const blocked = this.failures.blocked(channel, 'read')
    if (blocked) return blocked
    const pulled = await this.pulls.pull(channel, 'changed', context)
    if (pulled.kind === 'BUSY') return retryIn(BUSY_MS, 'its orders are being read', this.clock.now())
    if (pulled.kind === 'FAILED') return this.failures.recordFailure(channel, pulled.failure, 'read')
    const current = await this.channels.read(null, id)
    return isRecountDue(current, this.clock.now()) ? 'NOT COUNTED' : null
  }
}
