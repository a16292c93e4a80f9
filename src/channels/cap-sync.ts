import { Injectable, Logger } from '@nestjs/common'
import type { Platform } from '../domain/channel.js'
import type { NextWrite } from '../domain/next-write.js'
import type { Channel } from '../generated/prisma/client.js'
import { debugPoint } from '../infrastructure/debug-point.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { failSpan, noteOnSpan, traced } from '../infrastructure/tracing/spans.js'
import { Platforms } from '../platforms/platforms.js'
import type { CallContext, ConfirmedState, Outcome, PlatformAdapter } from '../platforms/port.js'
import { isFailSafe } from '../fail-safe/stored-mode.js'
import { ChannelImport, listingOf } from './channel-import.js'
import { Backoff } from './backoff.js'
import { CapWriteJournal, type InFlightWrite } from './cap-write-journal.js'
import { ChannelReads } from './channel-reads.js'
import { checkedCounts, checkedState } from './checked-answers.js'
import { CALL_LIMIT_MS } from './due-reading.js'
import { later, SyncFailures, type SyncResult, type SyncStep } from './sync-failures.js'
import { ChannelFence } from './write-fence.js'

export type { SyncResult } from './sync-failures.js'

type Write = Extract<NextWrite, { kind: 'WRITE' }>
type Begun = InFlightWrite & { write: Write }

/** What became of a write: go on with the next one, or stop. `BELOW_SOLD` may be followed by the very same write. */
type Written = { next: 'CONFIRMED' | 'BELOW_SOLD' | 'OUTDATED'; counted: boolean } | { stop: SyncResult }

/** A sync calls the platform for this many steps before it lets others have their turn. */
const STEPS_AT_ONCE = 6
const BUSY_MS = 300
/**
 * A platform that has sold more than is wanted keeps its cap there, and one whose ticket types allow no more is raised
 * in vain: asked more often, its budget would go into that. A raise is asked for ever more seldom.
 */
const CLAMPED_MS = { first: 10_000, longest: 300_000 }
const NOT_CLOSED_MS = 3_000
/** After several refusals in a row because of sales: at once again, but not all channels in the same instant. */
const OUTSOLD_MS = { least: 300, spread: 700 }

/** For so long after a confirmation, notices of a change there are most likely about that very write. */
const OWN_NEWS_MS = 10_000
/** How long such a notice may wait for spare budget, ms. */
const OWN_NEWS_WAIT_MS = 120_000

function isSameWrite(a: Write, b: Write): boolean {
  return a.mode === b.mode && a.cap === b.cap
}

/**
 * Brings one platform in step with what is wanted there: reads the newest desired state, writes the absolute cap,
 * records what the platform confirmed. One sync per channel at a time over all processes, so that an older version
 * never follows a newer one (I10).
 */
@Injectable()
export class CapSync {
  private readonly logger = new Logger(CapSync.name)
  private readonly propagation
  private readonly clamped = new Backoff(CLAMPED_MS.first, CLAMPED_MS.longest)

  constructor(
    private readonly prisma: PrismaService,
    private readonly locks: AdvisoryLock,
    private readonly platforms: Platforms,
    private readonly adoption: ChannelImport,
    private readonly writes: CapWriteJournal,
    private readonly reads: ChannelReads,
    private readonly failures: SyncFailures,
    metrics: Metrics,
  ) {
    const help = 'From a wish for a cap or mode to its confirmation by the platform'
    this.propagation = metrics.histogram('cap_propagation_seconds', help, ['platform'])
  }

  async sync(channelId: string): Promise<SyncResult> {
    return this.alone(channelId, (lost) => this.syncLocked(channelId, lost))
  }

  /**
   * Reads a listing that its platform reports as changed, records what it shows, and brings it back in step. Our own writes
   * are reported too: a notice that is most likely such an echo uses spare budget only.
   */
  async recheck(channelId: string, noticedAt: Date): Promise<SyncResult> {
    return this.alone(channelId, async (lost) => {
      const channel = await this.prisma.channel.findUnique({ where: { id: channelId } })
      if (!channel?.importedAt) return this.syncLocked(channelId, lost)
      const quietAt = (channel.confirmedAt?.getTime() ?? 0) + OWN_NEWS_MS
      const isEcho = noticedAt.getTime() < quietAt && Date.now() < noticedAt.getTime() + OWN_NEWS_WAIT_MS
      if (isEcho && quietAt > Date.now())
        return { done: false, again: new Date(quietAt), why: 'it may tell of our own write' }
      const lane = isEcho ? 'bulk' : 'grow'
      const stopped = await this.reads.read(channel, this.adapterOf(channel), { lane, state: true })
      return stopped ?? this.syncLocked(channelId, lost)
    })
  }

  private async alone(channelId: string, work: (lost: AbortSignal) => Promise<SyncResult>): Promise<SyncResult> {
    try {
      const result = await this.locks.tryWith(`channel:${channelId}`, work)
      return result ?? later(BUSY_MS, 'another process is at it')
    } catch (error) {
      await this.failures.threw(channelId, error)
      throw error
    }
  }

  private async syncLocked(channelId: string, lost: AbortSignal): Promise<SyncResult> {
    const channel = await this.prisma.channel.findUnique({ where: { id: channelId } })
    if (!channel || channel.detachedAt) return { done: true, eventId: null }
    const adapter = this.adapterOf(channel)
    if (!channel.importedAt && !(await isFailSafe(this.prisma))) {
      const stopped = await this.adopt(channel, adapter)
      if (stopped) return stopped
    }
    let justCounted = false
    let confirmed: Write | null = null
    for (let step = 0; step < STEPS_AT_ONCE; step++) {
      if (lost.aborted) return later(BUSY_MS, 'the lock was lost')
      const begun = await this.writes.begin(channel.eventId, channelId, justCounted)
      if (!isWrite(begun)) {
        const read = await this.reads.ifDue(begun.channel, adapter)
        if (read === 'NOT DUE') return { done: true, eventId: channel.eventId }
        if (read) return read
        justCounted = true
        continue
      }
      const { write } = begun
      const stopped = this.failures.blocked(channel, stepOf(write)) ?? this.kept(channelId, confirmed, write)
      if (stopped) {
        await this.writes.withdraw(begun)
        return stopped
      }
      const written = await this.write(begun, adapter, lost)
      if ('stop' in written) return written.stop
      justCounted = written.counted
      confirmed = written.next === 'CONFIRMED' ? write : null
      if (written.next === 'BELOW_SOLD' && step === STEPS_AT_ONCE - 1) return retryBelowSold()
    }
    return later(0, 'more is wanted by now')
  }

  private async adopt(channel: Channel, adapter: PlatformAdapter): Promise<SyncResult | null> {
    const blocked = this.failures.blocked(channel, 'adopt')
    if (blocked) return blocked
    const failure = await this.adoption.adopt(channel, adapter)
    if (failure) return this.failures.failed(channel, failure, 'adopt')
    this.failures.succeeded(channel, 'adopt')
    return null
  }

  private async write(begun: Begun, adapter: PlatformAdapter, lost: AbortSignal): Promise<Written> {
    await debugPoint('before-cap-write')
    const { write, channel, version } = begun
    const attributes = {
      'traffic_police.platform': channel.platform,
      'traffic_police.event_id': channel.eventId,
      'traffic_police.cap': write.cap,
      'traffic_police.mode': write.mode,
      'traffic_police.version': version,
    }
    const fence = new ChannelFence(this.prisma, begun, lost)
    const outcome = await traced('write cap', { attributes }, async () => {
      const answer = checkedState(await this.send(begun, adapter, fence))
      noteOnSpan({ 'traffic_police.outcome': answer.kind })
      if (answer.kind !== 'OK' && answer.kind !== 'THROTTLED') failSpan(answer.kind)
      return answer
    })
    await debugPoint('after-cap-write')
    return this.finish(begun, outcome, adapter, fence)
  }

  private send(
    { write, channel, before }: Begun,
    adapter: PlatformAdapter,
    fence: ChannelFence,
  ): Promise<Outcome<ConfirmedState>> {
    const context: CallContext = { lane: write.lane, fence }
    const listing = listingOf(channel)
    // A lost closing may have closed it.
    const stillOpen = channel.confirmedMode === 'OPEN' && (before.unconfirmedMode ?? 'OPEN') === 'OPEN'
    if (write.mode === 'OPEN' && stillOpen) return adapter.writeCap(listing, write.cap, context)
    return adapter.setMode(listing, write.mode, write.cap, context)
  }

  private async finish(
    begun: Begun,
    outcome: Outcome<ConfirmedState>,
    adapter: PlatformAdapter,
    fence: ChannelFence,
  ): Promise<Written> {
    const { channel, write } = begun
    const step = stepOf(write)
    if (outcome.kind === 'OK') {
      const { value } = outcome
      const settleMs = adapter.settleMs + CALL_LIMIT_MS
      await this.writes.confirm(begun, value, { settleMs, polled: !adapter.hasWebhooks })
      this.failures.succeeded(channel, step)
      this.observe(begun, value)
      this.logger.log({ eventId: channel.eventId, platform: channel.platform, ...write, ...value }, 'cap confirmed')
      return { next: 'CONFIRMED', counted: typeof value.sold === 'number' }
    }
    // What went out stays on record until nothing can land any more. Absolute caps may be sent again at once.
    if (outcome.kind === 'UNKNOWN') {
      if (outcome.answered === true) await this.writes.answered(begun)
      return { stop: await this.failures.failed(channel, outcome, step) }
    }
    if (outcome.kind === 'CAP_BELOW_SOLD') {
      const counts = checkedCounts(outcome)
      await this.writes.outsold(begun, counts)
      // More than the cap on record allows: then another one is in force.
      const explained = counts !== null && counts.sold + counts.pending <= (channel.confirmedCap ?? Infinity)
      const stop = explained ? null : await this.reads.read(channelAfter(begun), adapter, { lane: 'protect' })
      return stop ? { stop } : { next: 'BELOW_SOLD', counted: true }
    }
    await this.writes.withdraw(begun)
    if (outcome.kind === 'NOT_SENT' && fence.outdated) return { next: 'OUTDATED', counted: false }
    return { stop: await this.failures.failed(channel, outcome, step) }
  }

  /** The platform confirmed something else, such as a cap kept at what it has sold: news of that is on its way. */
  private kept(channelId: string, confirmed: Write | null, write: Write): SyncResult | null {
    const why = 'the platform keeps another cap or mode'
    const key = `${channelId} ${write.mode} ${write.cap}`
    const again = write.lane === 'grow' ? this.clamped.until(key) : null
    if (again) return { done: false, again, why }
    if (!confirmed || !isSameWrite(confirmed, write)) return null
    if (write.lane === 'grow') return { done: false, again: this.clamped.failed(key), why }
    return later(write.mode === 'OPEN' ? CLAMPED_MS.first : NOT_CLOSED_MS, why)
  }

  /** How long the wish took, when this is the first confirmation of just what was wished. */
  private observe({ channel, version }: InFlightWrite, { cap, mode, confirmedAt }: ConfirmedState): void {
    const { platform, desiredAt, desiredCap, desiredMode, confirmedVersion } = channel
    const asWished = mode === desiredMode && (mode !== 'OPEN' || cap === desiredCap)
    if (!desiredAt || !asWished || confirmedVersion === version) return
    this.propagation.observe({ platform }, Math.max(0, confirmedAt.getTime() - desiredAt.getTime()) / 1_000)
  }

  private adapterOf(channel: Channel): PlatformAdapter {
    return this.platforms.get(channel.platform as Platform)
  }
}

function isWrite(begun: InFlightWrite): begun is Begun {
  return begun.write.kind === 'WRITE'
}

function stepOf({ mode, lane }: Write): SyncStep {
  return `write ${mode} ${lane}`
}

/** The row that `begun` was made of carries the number before it. */
function channelAfter({ channel, seq }: InFlightWrite): Channel {
  return { ...channel, writeSeq: seq }
}

function retryBelowSold(): SyncResult {
  return later(OUTSOLD_MS.least + Math.random() * OUTSOLD_MS.spread, 'the platform sells faster than it is read')
}
