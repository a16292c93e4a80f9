import type { CallContext, ConfirmedState, Outcome } from '../port.js'
import type { ChannelReader, EventState } from './channel-reader.js'
import { beforeSending } from './client.js'
import { modeOf, type EventAfterWrite } from './event-state.js'
import type { Mutations } from './mutations.js'
import type { VenueCheck } from './venue-check.js'

export interface CapWriterParts {
  reader: ChannelReader
  mutations: Mutations
  venues: VenueCheck
  /** Sent with each limit; null keeps the event's own. */
  guestLimit: number | null
  now: () => Date
  /** Resolves when a reading shows everything that was sold before now. */
  untilReadable: () => Promise<void>
}

/** A limit that Meetup confirmed. */
export interface Written {
  cap: number
  closed: boolean
  sold: number
}

const LARGEST_CAP = 2_147_483_647

/** Writes limits: never 0, never below what is sold, and confirmed by what Meetup shows after the write. */
export class CapWriter {
  constructor(private readonly parts: CapWriterParts) {}

  async writeCap(eventId: string, cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    const written = await this.write(eventId, cap, context)
    return written.kind === 'OK' ? { kind: 'OK', value: this.confirmed(written.value) } : written
  }

  async write(eventId: string, cap: number, context: CallContext): Promise<Outcome<Written>> {
    if (!Number.isSafeInteger(cap) || cap < 0 || cap > LARGEST_CAP) {
      return { kind: 'REJECTED', code: 'INVALID_CAP', message: `A cap must be a whole number from 0, not ${cap}` }
    }
    const before = await this.before(eventId, context)
    return before.kind === 'OK' ? this.writeAtLeastSold(eventId, cap, before.value, context) : before
  }

  /** The event's state as a write needs it. Whatever fails here, nothing has been written. */
  async before(eventId: string, context: CallContext): Promise<Outcome<EventState>> {
    const refusal = await this.parts.venues.refusal(eventId, context)
    if (refusal) return beforeSending({ kind: 'write' }, refusal)
    const state = await this.parts.reader.readState(eventId, 'cheap', context)
    return state.kind === 'OK' ? state : beforeSending({ kind: 'write' }, state)
  }

  /** A refused shrink is tried once more at what a fresh reading says is sold. */
  async writeAtLeastSold(
    eventId: string,
    cap: number,
    state: EventState,
    context: CallContext,
  ): Promise<Outcome<Written>> {
    const target = Math.max(1, cap, state.heads.atLeast)
    const written = await this.setLimit(eventId, target, state, context)
    const shrinks = state.cap === 'UNLIMITED' || target < state.cap
    if (written.kind !== 'REJECTED' || !shrinks) return written
    const fresh = await this.parts.reader.readState(eventId, 'all guests', context)
    if (fresh.kind !== 'OK') return written
    const clamped = Math.max(1, cap, fresh.value.heads.atLeast)
    return clamped > target ? this.setLimit(eventId, clamped, fresh.value, context) : written
  }

  async setLimit(eventId: string, limit: number, state: EventState, context: CallContext): Promise<Outcome<Written>> {
    const guestLimit = this.parts.guestLimit ?? state.guestLimit
    const answer = await this.parts.mutations.setLimit(eventId, limit, guestLimit, context)
    if (answer.kind !== 'OK') return answer
    const written = await this.confirm(eventId, limit, answer.value, state, context)
    const shrinks = state.cap === 'UNLIMITED' || limit < state.cap
    return written.kind === 'OK' && shrinks ? this.recount(eventId, written.value, context) : written
  }

  confirmed({ cap, closed, sold }: Written): ConfirmedState {
    return { cap, mode: modeOf(cap, closed, sold), pending: 0, sold, confirmedAt: this.parts.now() }
  }

  /**
   * Between the reading and the write somebody may have come in, and Meetup keeps whoever is in: only a count made
   * after the write tells how much a shrink gives back. Readings run behind, so it waits for one that can know.
   */
  private async recount(eventId: string, written: Written, context: CallContext): Promise<Outcome<Written>> {
    await this.parts.untilReadable()
    const fresh = await this.parts.reader.readState(eventId, 'all guests', context)
    if (fresh.kind === 'OK') return { kind: 'OK', value: { ...written, sold: fresh.value.heads.atLeast } }
    return { kind: 'UNKNOWN', reason: 'Meetup took the smaller limit, and who is in could not be counted' }
  }

  /** The answer says what stands; one that does not is made up for by a reading that agrees. */
  private async confirm(
    eventId: string,
    limit: number,
    { cap, closed }: EventAfterWrite,
    state: EventState,
    context: CallContext,
  ): Promise<Outcome<Written>> {
    const sold = state.heads.atLeast
    if (typeof cap === 'number') return { kind: 'OK', value: { cap, closed: closed ?? state.closed, sold } }
    const read = await this.parts.reader.readCounts(eventId, context)
    if (read.kind === 'OK' && read.value.cap === limit) {
      return { kind: 'OK', value: { cap: limit, closed: read.value.closed, sold } }
    }
    return { kind: 'UNKNOWN', reason: `Meetup did not confirm the limit of ${limit}` }
  }
}
