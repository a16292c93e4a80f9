import { Injectable, Logger } from '@nestjs/common'
import type { NextWrite } from '../../domain/caps/next-write.js'
import type { Channel } from '../../domain/channel-record.js'
import { debugPoint } from '../../infrastructure/debug-point.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { Locks } from '../../infrastructure/locks/locks.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Random } from '../../infrastructure/time/random.js'
import { failSpan, setSpanAttributes, traced } from '../../infrastructure/tracing/spans.js'
import { Platforms } from '../../platforms/platforms.js'
import { traitsOf } from '../../platforms/registry.js'
import type { CallContext, ConfirmedState, Outcome, PlatformAdapter } from '../../platforms/port.js'
import { FailSafeState } from '../../system-mode/fail-safe-state.js'
import { ChannelImport, listingOf } from '../channel-import.js'
import { attachmentOf } from '../attachment.js'
import { Backoff } from './backoff.js'
import { CapWriteJournal, type InFlightWrite, type JustCounted } from './cap-write-journal.js'
import { ChannelReads } from '../reading/channel-reads.js'
import { ChannelStore } from '../channel-store.js'
import { mayLandAfter } from '../channel-updates.js'
import { checkedCounts, checkedState } from '../reading/checked-responses.js'
import { CALL_LIMIT_MS } from '../reading/due-reading.js'
import { Detachments } from './detachments.js'
import { ListingTasks } from '../tasks/listing-tasks.js'
import { RepeatedWrites } from './repeated-writes.js'
import { retryIn, SyncFailures, type SyncResult, type SyncStep } from './sync-failures.js'
import { ChannelFence } from './write-fence.js'

export type { SyncResult } from './sync-failures.js'

type Write = Extract<NextWrite, { kind: 'WRITE' }>
type SendableWrite = InFlightWrite & { write: Write }

/** Result of a write: continue with the next one, or stop. `BELOW_SOLD` may be followed by an identical write. */
type WriteResult = { next: 'CONFIRMED' | 'BELOW_SOLD' | 'OUTDATED'; counted: boolean } | { stop: SyncResult }

/** Maximum steps per sync before the job yields to other channels. */
const MAX_STEPS = 6
const BUSY_MS = 300
/**
 * Backoff where a platform clamps a cap, ms. A platform that has sold more than the desired cap keeps its cap at what is
 * sold, and ticket types may not allow a raise: retried at a constant rate, such writes would use up its budget.
 */
const CLAMPED_MS = { first: 10_000, longest: 300_000 }
const NOT_CLOSED_MS = 3_000
/** Retry delay after several refusals in a row because of sales: short, with jitter across channels. */
const BELOW_SOLD_RETRY_MS = { min: 300, jitter: 700 }

/** A change notice within this time after a confirmation is most likely an echo of that write. */
const ECHO_WINDOW_MS = 10_000
/** How long an echo may wait for spare budget, ms. */
const MAX_ECHO_WAIT_MS = 120_000

function isSameWrite(a: Write, b: Write): boolean {
  return a.mode === b.mode && a.cap === b.cap
}

/**
 * Syncs one platform with its desired state: reads the newest version, writes the absolute cap, records what the
 * platform confirmed. One sync per channel at a time across all processes, so that an older version never follows a
 * newer one (I10).
 */
@Injectable()
export class CapSync {
  private readonly logger = new Logger(CapSync.name)
  private readonly propagation
  private readonly clamped = new Backoff(CLAMPED_MS.first, CLAMPED_MS.longest)
  private readonly repeated = new RepeatedWrites()

  constructor(
    private readonly channels: ChannelStore,
    private readonly failSafe: FailSafeState,
    private readonly locks: Locks,
    private readonly platforms: Platforms,
    private readonly imports: ChannelImport,
    private readonly writes: CapWriteJournal,
    private readonly reads: ChannelReads,
    private readonly detachments: Detachments,
    private readonly tasks: ListingTasks,
    private readonly failures: SyncFailures,
    private readonly clock: Clock,
    private readonly random: Random,
    metrics: Metrics,
  ) {
    const help = 'Time from a desired cap or mode to platform confirmation'
    this.propagation = metrics.histogram('cap_propagation_seconds', help, ['platform'])
  }

  async sync(channelId: string): Promise<SyncResult> {
    return this.withLock(channelId, (lost) => this.syncLocked(channelId, lost))
  }

  /**
   * Reads a listing that its platform reports as changed, records what it shows, and syncs it. The platform reports our
   * own writes too: a notice that is most likely such an echo uses spare budget only.
   */
  async recheck(channelId: string, noticedAt: Date): Promise<SyncResult> {
    return this.withLock(channelId, async (lost) => {
      const channel = await this.channels.find(null, channelId)
      if (!channel?.importedAt || !traitsOf(channel.platform).hasApi) return this.syncLocked(channelId, lost)
      const quietAt = (channel.confirmedAt?.getTime() ?? 0) + ECHO_WINDOW_MS
      const now = this.clock.now().getTime()
      const isEcho = noticedAt.getTime() < quietAt && now < noticedAt.getTime() + MAX_ECHO_WAIT_MS
      if (isEcho && quietAt > now)
        return { done: false, retryAt: new Date(quietAt), reason: 'probably an echo of our own write' }
      const lane = isEcho ? 'bulk' : 'grow'
      const read = await this.reads.readNow(channel, this.adapterOf(channel), { lane, state: true })
      return 'done' in read ? read : this.syncLocked(channelId, lost, read.counted)
    })
  }

  private async withLock(channelId: string, work: (lost: AbortSignal) => Promise<SyncResult>): Promise<SyncResult> {
    try {
      const result = await this.locks.tryWith(`channel:${channelId}`, work)
      return result ?? retryIn(BUSY_MS, 'another process is syncing this channel', this.clock.now())
    } catch (error) {
      await this.failures.recordError(channelId, error)
      throw error
    }
  }

  private async syncLocked(channelId: string, lost: AbortSignal, justCounted: JustCounted = null): Promise<SyncResult> {
    const channel = await this.channels.find(null, channelId)
    if (!channel || channel.detachedAt) return { done: true, eventId: null }
    if (!traitsOf(channel.platform).hasApi) return this.request(channel)
    const adapter = this.adapterOf(channel)
    const imports = !channel.importedAt && !(await this.failSafe.isFailSafe(null))
    if (imports) {
      const stopped = await this.importListing(channel, adapter)
      if (stopped) return stopped
    }
    let counted = justCounted
    let confirmed: Write | null = null
    for (let step = 0; step < MAX_STEPS; step++) {
      if (lost.aborted) return retryIn(BUSY_MS, 'the lock was lost', this.clock.now())
      const inFlight = await this.writes.start(channel.eventId, channelId, counted)
      if (!isSendable(inFlight)) {
        const read = await this.reads.ifDue(inFlight.channel, adapter)
        if (read === 'NOT DUE') return this.inSync(inFlight, imports || justCounted !== null || step > 0)
        if ('done' in read) return read
        counted = read.counted
        continue
      }
      const { write } = inFlight
      const stopped = this.failures.blocked(channel, stepOf(write)) ?? this.clampedResult(channelId, confirmed, write)
      if (stopped) {
        await this.writes.abort(inFlight)
        return stopped
      }
      const result = await this.write(inFlight, adapter, lost)
      if ('stop' in result) return result.stop
      counted = result.counted ? 'RECORDED' : null
      confirmed = result.next === 'CONFIRMED' ? write : null
      if (result.next === 'BELOW_SOLD' && step === MAX_STEPS - 1) return this.retryBelowSold()
    }
    return retryIn(0, 'the desired state changed during the sync', this.clock.now())
  }

  /** Without an API: a person is requested to set the cap, and the sync does not wait for that. */
  private async request(channel: Channel): Promise<SyncResult> {
    const { planned, changed } = await this.tasks.sync(channel)
    return planned ? this.inSync(planned, changed) : { done: true, eventId: null }
  }

  /** Nothing is left to write or to read now. */
  private async inSync({ channel, write }: InFlightWrite, changed: boolean): Promise<SyncResult> {
    // Free units may have to repay first what its sales have borrowed, which the check of all channels does not see.
    if (write.kind === 'WAIT') await this.writes.follow(channel.eventId)
    const isDetaching = write.kind === 'IN_SYNC' && attachmentOf(channel) === 'DETACHING'
    if (!isDetaching || (await this.failSafe.isFailSafe(null)))
      return { done: true, eventId: changed ? channel.eventId : null }
    return this.detachments.complete(channel)
  }

  private async importListing(channel: Channel, adapter: PlatformAdapter): Promise<SyncResult | null> {
    const blocked = this.failures.blocked(channel, 'import')
    if (blocked) return blocked
    const failure = await this.imports.importListing(channel, adapter)
    if (failure) return this.failures.recordFailure(channel, failure, 'import')
    this.failures.recordSuccess(channel, 'import')
    return null
  }

  private async write(inFlight: SendableWrite, adapter: PlatformAdapter, lost: AbortSignal): Promise<WriteResult> {
    await debugPoint('before-cap-write')
    const { write, channel, version } = inFlight
    const attributes = {
      'traffic_police.platform': channel.platform,
      'traffic_police.event_id': channel.eventId,
      'traffic_police.cap': write.cap,
      'traffic_police.mode': write.mode,
      'traffic_police.version': version,
    }
    const widen = (cap: number) => this.writes.widen(inFlight, cap)
    const fence = new ChannelFence(this.channels, this.failSafe, inFlight, lost, this.clock, widen)
    const outcome = await traced('write cap', { attributes }, async () => {
      const response = checkedState(await this.send(inFlight, adapter, fence))
      setSpanAttributes({ 'traffic_police.outcome': response.kind })
      if (response.kind !== 'OK' && response.kind !== 'THROTTLED') failSpan(response.kind)
      return response
    })
    await debugPoint('after-cap-write')
    return this.recordOutcome(inFlight, outcome, adapter, fence)
  }

  private send(
    { write, channel, before, startedAt }: SendableWrite,
    adapter: PlatformAdapter,
    fence: ChannelFence,
  ): Promise<Outcome<ConfirmedState>> {
    const unsettled = mayLandAfter(startedAt, before, adapter.settleMs + CALL_LIMIT_MS)
    const context: CallContext = { lane: write.lane, fence, unsettled }
    const listing = listingOf(channel)
    // A lost closing may have taken effect.
    const stillOpen = channel.confirmedMode === 'OPEN' && (before.unconfirmedMode ?? 'OPEN') === 'OPEN'
    if (write.mode === 'OPEN' && stillOpen) return adapter.writeCap(listing, write.cap, context)
    return adapter.setMode(listing, write.mode, write.cap, context)
  }

  private async recordOutcome(
    inFlight: SendableWrite,
    outcome: Outcome<ConfirmedState>,
    adapter: PlatformAdapter,
    fence: ChannelFence,
  ): Promise<WriteResult> {
    const { channel, write } = inFlight
    const step = stepOf(write)
    if (outcome.kind === 'OK') {
      const { value } = outcome
      const settleMs = adapter.settleMs + CALL_LIMIT_MS
      const { sentAt, respondedAt } = fence
      const options = { settleMs, polled: !adapter.hasWebhooks, sentAt, respondedAt }
      const isNewest = await this.writes.confirm(inFlight, value, options)
      this.failures.recordSuccess(channel, step)
      if (!isNewest) return { next: 'OUTDATED', counted: false }
      this.repeated.recordConfirmed(channel.id, write, this.clock.now().getTime())
      this.observePropagation(inFlight, value)
      this.logger.log({ eventId: channel.eventId, platform: channel.platform, ...write, ...value }, 'cap confirmed')
      return { next: 'CONFIRMED', counted: typeof value.sold === 'number' }
    }
    // The write stays recorded until it can no longer land. Absolute caps may be resent at once.
    if (outcome.kind === 'UNKNOWN') {
      if (outcome.acknowledged === true) await this.writes.acknowledged(inFlight)
      else await this.writes.lost(inFlight)
      return { stop: await this.failures.recordFailure(channel, outcome, step) }
    }
    if (outcome.kind === 'CAP_BELOW_SOLD') {
      const counts = checkedCounts(outcome)
      await this.writes.refusedBySales(inFlight, counts)
      // More than the recorded cap allows: then a different cap is in force.
      const explained = counts !== null && counts.sold + counts.pending <= (channel.confirmedCap ?? Infinity)
      const stop = explained ? null : await this.reads.read(channelAfter(inFlight), adapter, { lane: 'protect' })
      return stop ? { stop } : { next: 'BELOW_SOLD', counted: true }
    }
    await this.writes.abort(inFlight)
    if (outcome.kind === 'NOT_SENT' && fence.outdated) return { next: 'OUTDATED', counted: false }
    return { stop: await this.failures.recordFailure(channel, outcome, step) }
  }

  /** The platform confirmed something else, such as a cap clamped to what it has sold: a sale is about to be reported. */
  private clampedResult(channelId: string, confirmed: Write | null, write: Write): SyncResult | null {
    const reason = 'the platform confirmed a different cap or mode'
    const key = `${channelId} ${write.mode} ${write.cap}`
    const now = this.clock.now()
    const nowMs = now.getTime()
    const retryAt = write.lane === 'grow' ? this.clamped.blockedUntil(key, nowMs) : null
    if (retryAt) return { done: false, retryAt, reason }
    const repeatAt = this.repeated.blockedUntil(channelId, write, nowMs)
    if (repeatAt) return { done: false, retryAt: repeatAt, reason }
    if (!confirmed || !isSameWrite(confirmed, write)) return null
    if (write.lane === 'grow') return { done: false, retryAt: this.clamped.recordFailure(key, nowMs), reason }
    return retryIn(write.mode === 'OPEN' ? CLAMPED_MS.first : NOT_CLOSED_MS, reason, now)
  }

  private retryBelowSold(): SyncResult {
    const { min, jitter } = BELOW_SOLD_RETRY_MS
    const reason = 'the platform sells faster than it is read'
    return retryIn(min + this.random.next() * jitter, reason, this.clock.now())
  }

  /** Only at the first confirmation of exactly the desired state. */
  private observePropagation({ channel, version }: InFlightWrite, { cap, mode, confirmedAt }: ConfirmedState): void {
    const { platform, desiredAt, desiredCap, desiredMode, confirmedVersion } = channel
    const asDesired = mode === desiredMode && (mode !== 'OPEN' || cap === desiredCap)
    if (!desiredAt || !asDesired || confirmedVersion === version) return
    this.propagation.observe({ platform }, Math.max(0, confirmedAt.getTime() - desiredAt.getTime()) / 1_000)
  }

  private adapterOf(channel: Channel): PlatformAdapter {
    return this.platforms.of(channel)
  }
}

function isSendable(inFlight: InFlightWrite): inFlight is SendableWrite {
  return inFlight.write.kind === 'WRITE'
}

function stepOf({ mode, lane }: Write): SyncStep {
  return `write ${mode} ${lane}`
}

/** The row in `InFlightWrite` still has the sequence number before the write. */
function channelAfter({ channel, seq }: InFlightWrite): Channel {
  return { ...channel, writeSeq: seq }
}
