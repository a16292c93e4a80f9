import { Injectable, Logger } from '@nestjs/common'
import { AlertService } from '../alerts/alert.service.js'
import type { Channel } from '../generated/prisma/client.js'
import { StockEvents } from '../inventory/stock-events.js'
import type {
  CallContext,
  CapReading,
  ChannelReading,
  ListingObservation,
  ListingState,
  Outcome,
  PlatformAdapter,
} from '../platforms/port.js'
import { listingOf } from './channel-import.js'
import { CapWriteJournal } from './cap-write-journal.js'
import type { ChannelState } from './channel-state.js'
import { checkedCap, checkedCounts, checkedReading } from './checked-answers.js'
import { isRecountDue, nextRecount, READ_LAG_MS } from './recount.js'
import { limitedAgain, type ChannelUpdate } from './channel-updates.js'

/** The cap on record, as a reading would show it. */
export function knownCap({ confirmedCap, capUnlimited }: Pick<Channel, 'confirmedCap' | 'capUnlimited'>): CapReading {
  return confirmedCap ?? (capUnlimited ? 'UNLIMITED' : null)
}

export interface RecordOptions {
  /** The reading began after every lost write had landed or never will. */
  settles?: boolean
  /** Left out: a cap that was changed by hand raises an alert. */
  silent?: boolean
}

/** Reads listings and records what they show; a cap that was changed there by hand becomes exposure at once. */
@Injectable()
export class ListingReadings {
  private readonly logger = new Logger(ListingReadings.name)

  constructor(
    private readonly writes: CapWriteJournal,
    private readonly alerts: AlertService,
    private readonly stockEvents: StockEvents,
  ) {}

  async read(channel: Channel, adapter: PlatformAdapter, context: CallContext): Promise<Outcome<ChannelReading>> {
    const read = checkedReading(await adapter.readChannel(listingOf(channel), context))
    return read.kind === 'OK' ? { kind: 'OK', value: { ...read.value, cap: seenCap(channel, read.value) } } : read
  }

  /** Records a reading made since `channel` was loaded, unless a write has begun meanwhile. */
  async record(channel: Channel, reading: ChannelReading, options: RecordOptions = {}): Promise<void> {
    let changed: CapReading | undefined
    await this.writes.record(channel, (current, standing) => {
      if (current.writeSeq !== channel.writeSeq) return null
      const ours = current.unconfirmedCap !== null || !isLate(current, reading.asOf)
      changed = ours || !isReadBack(reading) ? undefined : changedByHand(current, reading.cap)
      return readingFacts(current, standing, reading, options.settles ?? false)
    })
    if (changed !== undefined && !options.silent) await this.tell(channel, changed)
  }

  /** What a read of orders showed of the listing on the way. `startedAt`: when that read began. Answers whether it was news. */
  async observe(channel: Channel, seen: ListingObservation, startedAt: Date): Promise<boolean> {
    const cap = seenCap(channel, seen)
    const asOf = seen.asOf < startedAt ? seen.asOf : startedAt
    let changed: CapReading | undefined
    const recorded = await this.writes.record(channel, (current, standing) => {
      changed = undefined
      const overtaken = current.writeSeq !== channel.writeSeq
      const ours = overtaken || current.unconfirmedCap !== null || !isLate(current, asOf)
      if (!ours) changed = changedByHand(current, cap)
      const facts = {
        ...stateFacts(current, seen.state),
        ...(overtaken ? null : countedFacts(current, standing, { ...seen, cap, asOf })),
        ...(changed === undefined ? null : { ...capFacts(changed), confirmedAt: asOf }),
      }
      return Object.keys(facts).length > 0 ? facts : null
    })
    if (changed !== undefined) await this.tell(channel, changed)
    return recorded
  }

  /** Whether an observation is worth the event's lock: most show what is on record. */
  isNews(channel: Channel, seen: ListingObservation): boolean {
    const { state, counted } = seen
    const cap = seenCap(channel, seen)
    if (cap !== null && cap !== knownCap(channel)) return true
    return stateFacts(channel, state) !== null || (counted !== null && counted !== undefined && isRecountDue(channel))
  }

  private async tell(channel: Channel, cap: CapReading): Promise<void> {
    const { eventId, platform, desiredCap } = channel
    const detail = `The cap on ${platform} was changed there from ${shown(knownCap(channel))} to ${shown(cap)}. It counts as exposure; ${shown(desiredCap)} is written back as far as sales allow.`
    this.logger.warn({ eventId, platform, before: knownCap(channel), after: cap }, 'a cap was changed by hand')
    await this.alerts.raise({ kind: 'DRIFT', eventId, platform, about: 'cap', detail })
    this.stockEvents.changed({ eventId, channel: null, delta: 0, orders: [] })
  }
}

/**
 * Closing may take a limit away (Meetup). Nothing is sold there while it is closed, and opening writes the cap first:
 * the one on record stands.
 */
function seenCap({ confirmedCap }: Channel, seen: Pick<ListingObservation, 'cap' | 'mode'>): CapReading {
  const cap = checkedCap(seen.cap)
  return cap === 'UNLIMITED' && seen.mode === 'WAITLIST_ONLY' ? (confirmedCap ?? cap) : cap
}

function shown(cap: CapReading): string {
  return cap === 'UNLIMITED' ? 'no limit' : String(cap ?? 'unknown')
}

type Counting = Pick<ChannelReading, 'cap' | 'capSource' | 'sold' | 'pending' | 'asOf'>

function isReadBack({ cap, capSource }: Counting): boolean {
  return capSource === 'read' || cap === 'UNLIMITED'
}

/** So long after the last confirmation that the reading shows what stood then or later. */
function isLate({ confirmedAt }: Channel, asOf: Date): boolean {
  return asOf.getTime() >= (confirmedAt?.getTime() ?? 0) + READ_LAG_MS
}

/** Undefined: it stands as it was confirmed. A channel not taken over yet has nothing to compare with. */
function changedByHand(current: Channel, cap: CapReading): CapReading | undefined {
  return current.importedAt === null || cap === null || cap === knownCap(current) ? undefined : cap
}

function capFacts(cap: CapReading) {
  return { confirmedCap: typeof cap === 'number' ? cap : null, capUnlimited: cap === 'UNLIMITED' }
}

function stateFacts(current: Channel, state: ListingState = 'UNKNOWN'): Pick<ChannelUpdate, 'listingState'> | null {
  return state === 'UNKNOWN' || state === current.listingState ? null : { listingState: state }
}

function readingFacts(
  current: Channel,
  standing: ChannelState,
  reading: ChannelReading,
  settles: boolean,
): ChannelUpdate {
  const { waitlistAvailable, listingState, asOf } = reading
  return {
    ...countFacts(current, standing, reading),
    ...(isReadBack(reading) ? { ...capFacts(reading.cap), confirmedMode: modeShown(current, reading) } : {}),
    ...(settles ? settlement(current, reading) : {}),
    ...(isInStep(current) ? limitedAgain(reading, current) : {}),
    ...stateFacts(current, listingState),
    ...(waitlistAvailable === null ? {} : { waitlistAvailable }),
    ...(current.syncError?.startsWith('read:') ? { syncError: null } : {}),
    confirmedAt: asOf,
  }
}

/** A listing that is full reads as closed; while its cap is the one that opened it, it is not. */
function modeShown(
  { confirmedMode, confirmedCap, unconfirmedMode }: Channel,
  { cap, mode, sold, pending }: ChannelReading,
) {
  const full = typeof cap === 'number' && sold !== null && sold + pending >= cap
  const untouched = cap === confirmedCap && unconfirmedMode === null
  return full && untouched && confirmedMode === 'OPEN' && mode === 'WAITLIST_ONLY' ? 'OPEN' : mode
}

/**
 * A reading that may run behind the last confirmation lowers no count. A smaller cap that nobody had counted after is
 * counted now, if the reading began late enough.
 */
function countFacts(current: Channel, standing: ChannelState, reading: Counting): ChannelUpdate {
  const { sold, asOf, cap } = reading
  const { uncountedSince, platformSold, pendingTickets, recounts } = current
  const inTime = uncountedSince === null || asOf.getTime() >= uncountedSince.getTime() + READ_LAG_MS
  const behind =
    !isLate(current, asOf) && platformSold !== null && platformSold + pendingTickets > (sold ?? 0) + reading.pending
  const keeps = sold === null || behind
  const counts = keeps
    ? { platformSold, pendingTickets: Math.max(pendingTickets, sold === null ? reading.pending : 0) }
    : { platformSold: sold, pendingTickets: reading.pending }
  const counted = sold !== null && inTime ? { uncountedSince: null, uncountedCap: null } : {}
  const known = {
    ...standing,
    ...('uncountedCap' in counted ? { uncountedCap: null } : {}),
    confirmedCap: isReadBack(reading) && typeof cap === 'number' ? cap : standing.confirmedCap,
    platformSold: counts.platformSold,
    pending: counts.pendingTickets,
  }
  const next = nextRecount(known, recounts, asOf)
  const soon = next.recountAt !== null && sold !== null && (behind || !inTime)
  return { ...counts, ...counted, ...(soon ? { recountAt: new Date(asOf.getTime() + READ_LAG_MS), recounts } : next) }
}

/** What is counted on the way spares a reading of its own where one is due. */
function countedFacts(current: Channel, standing: ChannelState, { cap, counted, asOf }: ListingObservation) {
  const counts = counted ? checkedCounts(counted) : null
  if (counts === null || !isRecountDue(current)) return null
  return countFacts(current, standing, { ...counts, cap, capSource: 'read', asOf })
}

function isInStep({ importedAt, confirmedCap, unconfirmedCap }: Channel): boolean {
  return importedAt !== null && confirmedCap !== null && unconfirmedCap === null
}

/** A reading that shows the cap ends what was lost; where none can, the write is made once more. */
function settlement({ confirmedMode, unconfirmedCap, desiredCap }: Channel, reading: ChannelReading): ChannelUpdate {
  if (unconfirmedCap === null) return {}
  if (isReadBack(reading)) return { unconfirmedCap: null, unconfirmedSince: null, unconfirmedMode: null }
  return desiredCap === null ? { unconfirmedSince: reading.asOf } : { unconfirmedMode: confirmedMode }
}
