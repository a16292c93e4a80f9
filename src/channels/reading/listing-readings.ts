import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../../alerts/alert.service.js'
import type { Channel } from '../../domain/channel-record.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { StockEvents } from '../../stock/stock-events.js'
import type {
  CallContext,
  CapReading,
  ChannelReading,
  ListingObservation,
  ListingState,
  Outcome,
  PlatformAdapter,
} from '../../platforms/port.js'
import { listingOf } from '../channel-import.js'
import { CapWriteJournal } from '../sync/cap-write-journal.js'
import { readingFact } from '../channel-facts.js'
import type { ChannelState } from '../channel-state.js'
import { checkedCap, checkedCounts, checkedReading } from './checked-responses.js'
import {
  hasUnreadDelivery,
  isCompleteCount,
  isCountDerived,
  isLate,
  isRecountDue,
  nextRecount,
  READ_LAG_MS,
} from '../recount.js'
import { partialLimitUpdate, type ChannelUpdate } from '../channel-updates.js'
import { isLimitRemoved, removedLimitUpdate } from './removed-limit.js'

/** The recorded cap, as a reading would show it. */
export function knownCap({ confirmedCap, capUnlimited }: Pick<Channel, 'confirmedCap' | 'capUnlimited'>): CapReading {
  return confirmedCap ?? (capUnlimited ? 'UNLIMITED' : null)
}

/** A reading whose cap is the recorded one where closing has removed the limit. */
export interface ListingReading extends ChannelReading {
  limitRemoved: boolean
}

export interface RecordOptions {
  /** The reading started when no lost write could land any more. */
  settles?: boolean
  /** Raise no alert when a cap was changed manually. */
  silent?: boolean
}

/** Reads listings and records what they show; a cap that was changed manually there counts as exposure at once. */
@Injectable()
export class ListingReadings {
  private readonly logger = new Logger(ListingReadings.name)

  constructor(
    private readonly writes: CapWriteJournal,
    private readonly alerts: AlertService,
    private readonly stockEvents: StockEvents,
    private readonly clock: Clock,
  ) {}

  async read(channel: Channel, adapter: PlatformAdapter, context: CallContext): Promise<Outcome<ListingReading>> {
    const read = checkedReading(await adapter.readChannel(listingOf(channel), context))
    if (read.kind !== 'OK') return read
    const { value } = read
    return {
      kind: 'OK',
      value: { ...value, cap: observedCap(channel, value), limitRemoved: isLimitRemoved(value) },
    }
  }

  /** Records a reading made since `channel` was loaded, unless a write has started since then. */
  async record(channel: Channel, reading: ListingReading, options: RecordOptions = {}): Promise<void> {
    let changed: CapReading | undefined
    const update = (current: Channel, state: ChannelState) => {
      if (current.writeSeq !== channel.writeSeq) return null
      const ours = current.unconfirmedCap !== null || !isLate(current, reading.asOf)
      changed = ours || !isReadBack(reading) ? undefined : manualCapChange(current, reading.cap)
      return readingUpdate(current, state, reading, options.settles ?? false)
    }
    await this.writes.record(channel, update, readingFact(reading.asOf))
    if (changed !== undefined && !options.silent) await this.reportManualChange(channel, changed)
  }

  /** Records what a read of orders showed of the listing. `startedAt`: of that read. Returns whether anything changed. */
  async observe(channel: Channel, observed: ListingObservation, startedAt: Date): Promise<boolean> {
    const cap = observedCap(channel, observed)
    const asOf = observed.asOf < startedAt ? observed.asOf : startedAt
    let changed: CapReading | undefined
    const update = (current: Channel, state: ChannelState) => {
      changed = undefined
      const superseded = current.writeSeq !== channel.writeSeq
      const ours = superseded || current.unconfirmedCap !== null || !isLate(current, asOf)
      if (!ours) changed = manualCapChange(current, cap)
      const update = {
        ...stateUpdate(current, observed.state),
        ...(superseded ? null : observedCountUpdate(current, state, { ...observed, cap, asOf }, this.clock.now())),
        ...(changed === undefined ? null : { ...capUpdate(changed), confirmedAt: asOf }),
        ...(!ours && isLimitRemoved(observed) ? removedLimitUpdate(current) : null),
      }
      return Object.keys(update).length > 0 ? update : null
    }
    const recorded = await this.writes.record(channel, update, readingFact(asOf))
    if (changed !== undefined) await this.reportManualChange(channel, changed)
    return recorded
  }

  /** Whether an observation differs from the record, so that taking the event's lock is worthwhile: most do not. */
  isChange(channel: Channel, observed: ListingObservation): boolean {
    const { state, counted } = observed
    const cap = observedCap(channel, observed)
    if (cap !== null && cap !== knownCap(channel)) return true
    if (stateUpdate(channel, state) !== null) return true
    if (isLimitRemoved(observed) && Object.keys(removedLimitUpdate(channel)).length > 0) return true
    return counted !== null && counted !== undefined && isRecountDue(channel, this.clock.now())
  }

  private async reportManualChange(channel: Channel, cap: CapReading): Promise<void> {
    const { eventId, platform, desiredCap } = channel
    const detail = `The cap on ${platform} was changed manually from ${textOf(knownCap(channel))} to ${textOf(cap)}. It counts as exposure; ${textOf(desiredCap)} will be written back as far as sales allow.`
    this.logger.warn(
      { eventId, platform, before: knownCap(channel), after: cap },
      'cap was changed manually on the platform',
    )
    await this.alerts.raise({ kind: 'DRIFT', eventId, platform, about: 'cap', detail })
    this.stockEvents.emitChanged({ eventId, channel: null, delta: 0, orders: [] })
  }
}

/**
 * Closing may remove a limit (Meetup). Nothing is sold there while it is closed, and opening writes the cap first: the
 * recorded cap stays valid.
 */
function observedCap({ confirmedCap }: Channel, observed: Pick<ListingObservation, 'cap' | 'mode'>): CapReading {
  const cap = checkedCap(observed.cap)
  return cap === 'UNLIMITED' && observed.mode === 'WAITLIST_ONLY' ? (confirmedCap ?? cap) : cap
}

function textOf(cap: CapReading): string {
  return cap === 'UNLIMITED' ? 'no limit' : String(cap ?? 'unknown')
}

type Counting = Pick<ChannelReading, 'cap' | 'capSource' | 'sold' | 'pending' | 'asOf'>

function isReadBack({ cap, capSource }: Counting): boolean {
  return capSource === 'read' || cap === 'UNLIMITED'
}

/** Undefined: as confirmed. A channel not imported yet has nothing to compare with. */
function manualCapChange(current: Channel, cap: CapReading): CapReading | undefined {
  return current.importedAt === null || cap === null || cap === knownCap(current) ? undefined : cap
}

function capUpdate(cap: CapReading) {
  return { confirmedCap: typeof cap === 'number' ? cap : null, capUnlimited: cap === 'UNLIMITED' }
}

function stateUpdate(current: Channel, state: ListingState = 'UNKNOWN'): Pick<ChannelUpdate, 'listingState'> | null {
  return state === 'UNKNOWN' || state === current.listingState ? null : { listingState: state }
}

function readingUpdate(
  current: Channel,
  state: ChannelState,
  reading: ListingReading,
  settles: boolean,
): ChannelUpdate {
  const { waitlistAvailable, listingState, asOf } = reading
  return {
    ...countUpdate(current, state, reading),
    ...(isLate(current, asOf) ? limitUpdate(current, reading, settles) : doubtUpdate(current, reading)),
    ...stateUpdate(current, listingState),
    ...(waitlistAvailable === null ? {} : { waitlistAvailable }),
    ...(current.syncError?.startsWith('read:') ? { syncError: null } : {}),
  }
}

/** Cap and mode, and what they resolve. */
function limitUpdate(current: Channel, reading: ListingReading, settles: boolean): ChannelUpdate {
  return {
    ...(isReadBack(reading) ? { ...capUpdate(reading.cap), confirmedMode: observedMode(current, reading) } : {}),
    ...(settles ? settledUpdate(current, reading) : {}),
    ...(isConfirmed(current) ? partialLimitUpdate(reading, current) : {}),
    ...(reading.limitRemoved ? removedLimitUpdate(current) : {}),
    confirmedAt: reading.asOf,
  }
}

/**
 * The reading may show the cap and mode that were in force before the last confirmation. If they differ from the record,
 * the listing is read again as soon as that is conclusive.
 */
function doubtUpdate(current: Channel, reading: ChannelReading): ChannelUpdate {
  const isOtherMode = observedMode(current, reading) !== current.confirmedMode
  const differs = isOtherMode || manualCapChange(current, reading.cap) !== undefined
  if (!isReadBack(reading) || !differs || current.confirmedAt === null) return {}
  return { recountAt: new Date(current.confirmedAt.getTime() + READ_LAG_MS) }
}

/** A full listing reads as closed; while it has the cap with which it was opened, it counts as open. */
function observedMode(
  { confirmedMode, confirmedCap, unconfirmedMode }: Channel,
  { cap, mode, sold, pending }: ChannelReading,
) {
  const full = typeof cap === 'number' && sold !== null && sold + pending >= cap
  const untouched = cap === confirmedCap && unconfirmedMode === null
  return full && untouched && confirmedMode === 'OPEN' && mode === 'WAITLIST_ONLY' ? 'OPEN' : mode
}

/**
 * A reading that may lag behind the last confirmation, or that was counted from an incomplete list, lowers no count. A
 * lowered cap that is uncounted is counted now, if the reading started late enough.
 */
function countUpdate(current: Channel, state: ChannelState, reading: Counting): ChannelUpdate {
  const { sold, asOf, cap } = reading
  const { uncountedSince, platformSold, pendingTickets, recounts } = current
  const inTime = uncountedSince === null || asOf.getTime() >= uncountedSince.getTime() + READ_LAG_MS
  const complete = sold !== null && isCompleteCount(current, state.sold, sold, asOf)
  const uncertain = !complete || !isLate(current, asOf)
  const lagging = uncertain && platformSold !== null && platformSold + pendingTickets > (sold ?? 0) + reading.pending
  const counts =
    sold === null || lagging
      ? { platformSold, pendingTickets: Math.max(pendingTickets, sold === null ? reading.pending : 0) }
      : { platformSold: sold, pendingTickets: reading.pending }
  const counted = complete && inTime ? { uncountedSince: null, uncountedCap: null } : {}
  const known = {
    ...state,
    ...('uncountedCap' in counted ? { uncountedCap: null } : {}),
    confirmedCap: isReadBack(reading) && isLate(current, asOf) && typeof cap === 'number' ? cap : state.confirmedCap,
    platformSold: counts.platformSold,
    pending: counts.pendingTickets,
  }
  const next = nextRecount(known, recounts, asOf)
  // Its orders are read first, then.
  const unread = isCountDerived(current) && hasUnreadDelivery(current, asOf)
  const soon = next.recountAt !== null && (unread || (complete && (lagging || !inTime)))
  return { ...counts, ...counted, ...(soon ? { recountAt: new Date(asOf.getTime() + READ_LAG_MS), recounts } : next) }
}

/** A count that came with a read of orders replaces a reading that is due. */
function observedCountUpdate(
  current: Channel,
  state: ChannelState,
  { cap, counted, asOf }: ListingObservation,
  now: Date,
) {
  const counts = counted ? checkedCounts(counted) : null
  if (counts === null || !isRecountDue(current, now)) return null
  return countUpdate(current, state, { ...counts, cap, capSource: 'read', asOf })
}

function isConfirmed({ importedAt, confirmedCap, unconfirmedCap }: Channel): boolean {
  return importedAt !== null && confirmedCap !== null && unconfirmedCap === null
}

/** A reading that shows the whole limit resolves a lost write; where no reading can, the write is repeated. */
function settledUpdate({ confirmedMode, unconfirmedCap, desiredCap }: Channel, reading: ChannelReading): ChannelUpdate {
  if (unconfirmedCap === null) return {}
  if (isReadBack(reading) && !reading.hasUnreadLimit)
    return { unconfirmedCap: null, unconfirmedSince: null, unconfirmedMode: null }
  return desiredCap === null ? { unconfirmedSince: reading.asOf } : { unconfirmedMode: confirmedMode }
}
