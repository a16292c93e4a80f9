import { Injectable } from '@nestjs/common'
import { CapSync } from '../../channels/sync/cap-sync.js'
import { ChannelJobs } from '../../channels/sync/channel-jobs.js'
import { channelStateOf } from '../../channels/channel-state.js'
import { ChannelStore } from '../../channels/channel-store.js'
import { ListingReadings } from '../../channels/reading/listing-readings.js'
import { isLate, READ_LAG_MS } from '../../channels/recount.js'
import { nextWrite } from '../../domain/caps/next-write.js'
import type { Channel } from '../../domain/channel-record.js'
import { Locks } from '../../infrastructure/locks/locks.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { LedgerStore } from '../../stock/ledger-store.js'
import { Platforms } from '../../platforms/platforms.js'
import type { Outcome } from '../../platforms/port.js'
import { capDrifts } from './cap-drifts.js'
import type { Drift } from '../drift/drift.js'
import type { CheckOptions } from '../orders/order-check.js'
import { BULK_READ, retryWhileThrottled, describeReadFailure } from '../run/retry-while-throttled.js'
import { pause } from '../run/run-deadline.js'
import { unreadableDrift } from '../drift/unreadable-drifts.js'

/** How long a channel's own write may block the comparison, and how long a correction may take, ms. */
const MAX_BUSY_MS = 15_000
const MAX_CORRECTION_MS = 20_000
const RETRY_MS = 300

/** `report`: changes nothing. `record`: records what was read. `verify`: whether the desired state is in force. */
type Purpose = 'report' | 'record' | 'verify'
/** Null: not comparable now, because of a write. */
type Comparison = Outcome<Drift[] | null>

/**
 * Compares a platform's cap and mode with the recorded ones. The platform's state is recorded first, so that exposure is
 * correct at once; then the cap sync restores the desired state on the platform.
 */
@Injectable()
export class CapCheck {
  constructor(
    private readonly channels: ChannelStore,
    private readonly ledger: LedgerStore,
    private readonly locks: Locks,
    private readonly platforms: Platforms,
    private readonly readings: ListingReadings,
    private readonly sync: CapSync,
    private readonly jobs: ChannelJobs,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /** @throws RunStopped */
  async check(channelId: string, { dryRun, sink, signal }: CheckOptions): Promise<void> {
    const channel = await this.channels.read(null, channelId)
    // No lock is held while waiting for budget: a red alarm must be able to close the platform in the meantime.
    const compared = await this.compareWithRetries(channelId, dryRun ? 'report' : 'record', signal)
    const found =
      compared.kind === 'OK'
        ? (compared.value ?? [])
        : [unreadableDrift(channel, `Cap and mode could not be read: ${describeReadFailure(compared)}.`)]
    if (found.length === 0) return
    const isReadOnly = dryRun || found.every(({ kind }) => kind === 'UNREADABLE')
    const corrected = isReadOnly ? false : await this.correct(channelId, signal)
    const verified =
      corrected && found.some(needsReadBack) ? await this.matchesDesiredState(channelId, signal) : corrected
    await sink(
      found.map((drift) => ({
        ...drift,
        corrected: needsReadBack(drift) ? verified : corrected && drift.kind !== 'UNREADABLE',
      })),
    )
  }

  /** A confirmed write can be without effect: opening has none where the organizer has ended the sales. */
  private async matchesDesiredState(channelId: string, signal: AbortSignal): Promise<boolean> {
    await pause(READ_LAG_MS, signal, this.timers)
    const compared = await this.compareWithRetries(channelId, 'verify', signal)
    return compared.kind === 'OK' && compared.value !== null && !compared.value.some(needsReadBack)
  }

  private compareWithRetries(channelId: string, purpose: Purpose, signal: AbortSignal): Promise<Comparison> {
    const compare = () => this.compareLocked(channelId, purpose, signal)
    return retryWhileThrottled(compare, signal, this.clock, this.timers)
  }

  /** Holds the lock of the cap sync, so that no write happens between loading the record and reading the platform. */
  private async compareLocked(channelId: string, purpose: Purpose, signal: AbortSignal): Promise<Comparison> {
    const deadline = this.clock.now().getTime() + MAX_BUSY_MS
    for (;;) {
      const compared = await this.locks.tryWith(`channel:${channelId}`, () => this.compare(channelId, purpose))
      if (compared) return compared
      // A channel that is written continuously is compared by those writes.
      if (this.clock.now().getTime() > deadline) return { kind: 'OK', value: null }
      await pause(RETRY_MS, signal, this.timers)
    }
  }

  /** Null: too soon after the last confirmation, a reading may show the state before it. */
  private async compare(channelId: string, purpose: Purpose): Promise<Comparison | null> {
    const channel = await this.channels.read(null, channelId)
    if (!isLate(channel, this.clock.now())) return null
    const adapter = this.platforms.of(channel)
    const read = await this.readings.read(channel, adapter, BULK_READ)
    if (read.kind !== 'OK') return read
    // The cap sync resolves a write of unknown outcome; until then a reading shows either of two valid states.
    if (channel.unconfirmedCap !== null) return { kind: 'OK', value: null }
    // To verify a correction, what the platform shows counts, also if a read in the meantime has recorded it.
    const inSync = purpose === 'verify' || (await this.isInSync(channel))
    const drifts = capDrifts(channel, inSync, read.value)
    // Silent: the run's report contains the drift.
    if (purpose === 'record') await this.readings.record(channel, read.value, { silent: true })
    return { kind: 'OK', value: drifts }
  }

  /** True if, according to the record, no write to the platform is due. */
  private async isInSync(channel: Channel): Promise<boolean> {
    const { balances } = await this.ledger.read(channel.eventId)
    return nextWrite(channelStateOf(channel, balances), 0).kind !== 'WRITE'
  }

  /** Returns true once the platform has confirmed the desired state. */
  private async correct(channelId: string, signal: AbortSignal): Promise<boolean> {
    const deadline = this.clock.now().getTime() + MAX_CORRECTION_MS
    for (;;) {
      const result = await this.sync.sync(channelId)
      const channel = await this.channels.read(null, channelId)
      if (result.done) {
        this.jobs.wake(channel.eventId)
        if (await this.isDesiredStateConfirmed(channel)) return true
      }
      const nowMs = this.clock.now().getTime()
      const delayMs = result.done ? RETRY_MS : Math.max(RETRY_MS, result.retryAt.getTime() - nowMs)
      if (nowMs + delayMs > deadline) return false
      await pause(delayMs, signal, this.timers)
    }
  }

  private async isDesiredStateConfirmed(channel: Channel): Promise<boolean> {
    const { balances } = await this.ledger.read(channel.eventId)
    const next = nextWrite(channelStateOf(channel, balances), Number.MAX_SAFE_INTEGER)
    return next.kind === 'IN_SYNC' && channel.syncError === null && channel.unconfirmedCap === null
  }
}

/** True for a mode and for the limit of one ticket type: the response to a cap write confirms neither. */
function needsReadBack({ kind, platform }: Drift): boolean {
  return kind === 'MODE_DRIFT' || (kind === 'CAP_DRIFT' && platform === null)
}
