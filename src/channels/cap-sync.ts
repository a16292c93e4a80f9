import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import type { Platform } from '../domain/channel.js'
import type { NextWrite } from '../domain/next-write.js'
import type { Channel } from '../generated/prisma/client.js'
import { debugPoint } from '../infrastructure/debug-point.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import { AdvisoryLock } from '../infrastructure/prisma/advisory-lock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { failSpan, noteOnSpan, traced } from '../infrastructure/tracing/spans.js'
import { Platforms } from '../platforms/platforms.js'
import type {
  CallContext,
  ChannelReading,
  ConfirmedState,
  Failure,
  Outcome,
  PlatformAdapter,
} from '../platforms/port.js'
import { isFailSafe } from '../fail-safe/stored-mode.js'
import { Adoption, listingOf } from './adoption.js'
import { CapWrites, type BegunWrite, type ChannelFacts } from './cap-writes.js'

/** What is left to do for a channel. `again`: not before this instant. */
export type SyncResult = { done: true; eventId: string | null } | { done: false; again: Date; why: string }

/** A sync writes at most this often before it lets others have their turn. */
const WRITES_AT_ONCE = 5
/** Time for a call to give up on its own; a lost write is surely on its way by then. */
const CALL_LIMIT_MS = 10_000
const RETRY_MS = 1_000
const BUSY_MS = 300
/** A platform that has sold more than is wanted keeps its cap there: asked more often, Meetup's budget would go into that. */
const CLAMPED_MS = 10_000
/** Carts that a shrink found are looked at again after this time. */
const CARTS_MS = 20_000
/** Troubles that only a person ends are looked at again this seldom. */
const TROUBLE_RETRY_MS = 60_000

const later = (ms: number, why: string): SyncResult => ({ done: false, again: new Date(Date.now() + ms), why })

/** A write of unknown outcome cannot land any more after this instant (ms). */
const settlesAt = (since: Date, adapter: PlatformAdapter) => since.getTime() + CALL_LIMIT_MS + adapter.settleMs

/** A read would tell now what a lost write or open carts left uncertain. */
export function isReadDue(channel: Channel, adapter: PlatformAdapter): boolean {
  return isSettled(channel, adapter) || cartsAreOld(channel)
}

function isSettled({ unsettledSince }: Channel, adapter: PlatformAdapter): boolean {
  return unsettledSince !== null && Date.now() >= settlesAt(unsettledSince, adapter)
}

/** What a shrink left in carts has been bought or given up after a while; until it is read, it counts as exposure. */
function cartsAreOld({ pendingTickets, confirmedAt }: Channel): boolean {
  return pendingTickets > 0 && Date.now() - (confirmedAt?.getTime() ?? 0) > CARTS_MS
}

/** Where the cap can't be read, only a write confirmed since then has replaced the lost one. */
function factsOf(channel: Channel, reading: ChannelReading, lostWrite: boolean): ChannelFacts {
  const { cap, capSource, mode, pending, sold, asOf } = reading
  const seen = { pendingTickets: pending, platformSold: sold }
  const settled = { unsettledCap: null, unsettledSince: null }
  if (capSource === 'read') {
    const stands = { confirmedCap: typeof cap === 'number' ? cap : null, confirmedMode: mode, confirmedAt: asOf }
    return { ...seen, ...stands, ...(lostWrite ? settled : {}) }
  }
  if (!lostWrite) return { ...seen, confirmedAt: asOf }
  const replaced = (channel.confirmedAt ?? 0) > (channel.unsettledSince ?? 0)
  return replaced ? { ...seen, ...settled, confirmedAt: asOf } : seen
}

function isSameWrite(a: NextWrite, b: NextWrite): boolean {
  return a.kind === 'WRITE' && b.kind === 'WRITE' && a.mode === b.mode && a.cap === b.cap
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

  constructor(
    private readonly prisma: PrismaService,
    private readonly locks: AdvisoryLock,
    private readonly platforms: Platforms,
    private readonly adoption: Adoption,
    private readonly writes: CapWrites,
    private readonly alerts: AlertService,
    metrics: Metrics,
  ) {
    const help = 'From a wish for a cap or mode to its confirmation by the platform'
    this.propagation = metrics.histogram('cap_propagation_seconds', help, ['platform'])
  }

  async sync(channelId: string): Promise<SyncResult> {
    const result = await this.locks.tryWith(`channel:${channelId}`, () => this.syncLocked(channelId))
    return result ?? later(BUSY_MS, 'another process is at it')
  }

  private async syncLocked(channelId: string): Promise<SyncResult> {
    let channel = await this.prisma.channel.findUnique({ where: { id: channelId } })
    if (!channel) return { done: true, eventId: null }
    const adapter = this.platforms.get(channel.platform as Platform)
    if (!channel.adoptedAt && !(await isFailSafe(this.prisma))) {
      const failure = await this.adoption.adopt(channel, adapter)
      if (failure) return this.trouble(channel, failure, 'adopt')
    } else {
      const unsettled = await this.settle(channel, adapter)
      if (unsettled) return unsettled
    }
    let written: NextWrite | null = null
    for (let round = 0; round < WRITES_AT_ONCE; round++) {
      const begun = await this.writes.begin(channel.eventId, channelId)
      channel = begun.channel
      // A lost write that may still land is read later; nothing waits for that.
      if (begun.write.kind !== 'WRITE') return { done: true, eventId: channel.eventId }
      // The platform confirmed something else, such as a cap kept at what it has sold: news of that is on its way.
      if (written && isSameWrite(written, begun.write)) return later(CLAMPED_MS, 'the platform keeps another cap')
      written = begun.write
      await debugPoint('before-cap-write')
      const outcome = await this.write(begun, adapter)
      await debugPoint('after-cap-write')
      const stopped = await this.finish(begun, outcome, adapter)
      if (stopped) return stopped
    }
    return later(0, 'more is wanted by now')
  }

  private async write(
    { write, channel, version }: BegunWrite,
    adapter: PlatformAdapter,
  ): Promise<Outcome<ConfirmedState>> {
    if (write.kind !== 'WRITE') throw new Error('nothing to write')
    const attributes = {
      'traffic_police.platform': channel.platform,
      'traffic_police.event_id': channel.eventId,
      'traffic_police.cap': write.cap,
      'traffic_police.mode': write.mode,
      'traffic_police.version': version,
    }
    return traced('write cap', { attributes }, async () => {
      const outcome = await this.send(write, channel, adapter)
      noteOnSpan({ 'traffic_police.outcome': outcome.kind })
      if (outcome.kind !== 'OK' && outcome.kind !== 'THROTTLED') failSpan(outcome.kind)
      return outcome
    })
  }

  private send(
    write: Extract<NextWrite, { kind: 'WRITE' }>,
    channel: Channel,
    adapter: PlatformAdapter,
  ): Promise<Outcome<ConfirmedState>> {
    const context: CallContext = { lane: write.lane }
    const listing = listingOf(channel)
    const sameMode = write.mode === 'OPEN' && channel.confirmedMode === 'OPEN'
    if (sameMode) return adapter.writeCap(listing, write.cap, context)
    return adapter.setMode(listing, write.mode, write.cap, context)
  }

  /** Null: go on with the next write. */
  private async finish(
    begun: BegunWrite,
    outcome: Outcome<ConfirmedState>,
    adapter: PlatformAdapter,
  ): Promise<SyncResult | null> {
    const { channel, write } = begun
    if (outcome.kind === 'OK') {
      await this.writes.confirm(begun, outcome.value, adapter.settleMs + CALL_LIMIT_MS)
      this.observe(begun, outcome.value)
      this.logger.log(
        { eventId: channel.eventId, platform: channel.platform, ...write, ...outcome.value },
        'cap confirmed',
      )
      return null
    }
    // The larger cap stays on record as unsettled until nothing can land any more. Absolute caps may be sent again at once.
    if (outcome.kind === 'UNKNOWN') return later(RETRY_MS, outcome.reason)
    await this.writes.withdraw(begun, null)
    return this.trouble(channel, outcome, 'write')
  }

  /** How long the wish took, when this is the first confirmation of just what was wished. */
  private observe({ channel, version }: BegunWrite, { cap, mode, confirmedAt }: ConfirmedState): void {
    const { platform, desiredAt, desiredCap, desiredMode, confirmedVersion } = channel
    const asWished = mode === desiredMode && (mode !== 'OPEN' || cap === desiredCap)
    if (!desiredAt || !asWished || confirmedVersion === version) return
    this.propagation.observe({ platform }, Math.max(0, confirmedAt.getTime() - desiredAt.getTime()) / 1_000)
  }

  /** Reads again what a lost write or open carts left uncertain, once that can be told. Null: go on. */
  private async settle(channel: Channel, adapter: PlatformAdapter): Promise<SyncResult | null> {
    if (!isReadDue(channel, adapter)) return null
    const lostWrite = isSettled(channel, adapter)
    const reading = await adapter.readChannel(listingOf(channel), { lane: lostWrite ? 'protect' : 'grow' })
    if (reading.kind !== 'OK') return this.trouble(channel, reading, 'settle')
    const facts = factsOf(channel, reading.value, lostWrite)
    await this.writes.record(channel, facts)
    return lostWrite && facts.unsettledSince === undefined ? this.sayAgain({ ...channel, ...facts }, adapter) : null
  }

  /** Where no reading shows which cap stands, a lost write is overcome by writing again what was confirmed. Null: go on. */
  private async sayAgain(channel: Channel, adapter: PlatformAdapter): Promise<SyncResult | null> {
    const { confirmedCap: cap, confirmedMode: mode } = channel
    if (cap === null || mode === 'UNKNOWN') return null
    const write = { kind: 'WRITE', mode, cap, units: 0, lane: 'protect' } as const
    const outcome = await this.send(write, channel, adapter)
    if (outcome.kind !== 'OK') return this.trouble(channel, outcome, 'settle')
    const begun = { write, channel, version: channel.confirmedVersion, before: { cap: null, since: null } }
    await this.writes.confirm(begun, outcome.value, 0)
    return null
  }

  private async trouble(channel: Channel, failure: Failure, step: string): Promise<SyncResult> {
    if (failure.kind === 'THROTTLED') {
      return { done: false, again: failure.resumeAt, why: 'throttled' }
    }
    if (failure.kind === 'NOT_SENT' || failure.kind === 'UNAVAILABLE' || failure.kind === 'UNKNOWN') {
      return later(RETRY_MS, failure.reason)
    }
    const what = 'message' in failure ? failure.message : failure.reason
    const trouble = `${step}: ${failure.kind}${failure.kind === 'REJECTED' ? ` ${failure.code}` : ''}: ${what}`
    await this.prisma.channel.update({ where: { id: channel.id }, data: { trouble } })
    const kind = failure.kind === 'REJECTED' ? 'DEAD_LETTER' : 'PLATFORM_UNREACHABLE'
    const { eventId, platform } = channel
    await this.alerts.raise({
      kind,
      eventId,
      platform,
      about: failure.kind,
      detail: `${platform} cannot be driven: ${trouble}`,
    })
    return later(TROUBLE_RETRY_MS, trouble)
  }
}
