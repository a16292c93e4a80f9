import type { CallContext, ConfirmedState, Failure, Outcome } from '../../port.js'
import { HYBRID, type ChannelReader } from './channel-reading.js'
import { operationOf, sendingCap, type OperationContext } from '../../operation.js'
import { MAX_INT } from '../client/contract.js'
import type { EventCache } from './event-cache.js'
import type { EventAfterWrite } from './event-state.js'
import type { Mutations } from './mutations.js'

export interface CapWriterParts {
  reader: ChannelReader
  mutations: Mutations
  cache: EventCache
  /** Sent with each limit; null keeps the event's own. */
  guestLimit: number | null
  now: () => Date
}

/** A limit that Meetup confirmed. `closed`: RSVPs are closed, regardless of the limit. */
export interface WrittenLimit {
  cap: number
  closed: boolean
  /** A read of the same operation showed that the event is sold out at this limit. */
  full?: boolean
  /** Nothing is sold, and the event is open: it sells a first ticket. */
  sellsFirst?: boolean
}

/**
 * Writes limits, never 0. The write comes first and its response shows the limit in force. Attendees are counted by a
 * later read, since reads are stale for a while; until then the units freed by a shrink are unknown.
 */
export class CapWriter {
  constructor(private readonly parts: CapWriterParts) {}

  async writeCap(eventId: string, cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    const written = await this.write(eventId, cap, operationOf(context))
    if (written.kind !== 'OK') return written
    const { closed, full = false } = written.value
    return { kind: 'OK', value: this.confirmed(written.value, closed || full ? 'WAITLIST_ONLY' : 'OPEN') }
  }

  async write(eventId: string, cap: number, context: OperationContext): Promise<Outcome<WrittenLimit>> {
    if (!Number.isInteger(cap) || cap < 0 || cap > MAX_INT) {
      return { kind: 'REJECTED', code: 'INVALID_CAP', message: `a cap must be a whole number of 0 or more, not ${cap}` }
    }
    if (this.parts.cache.get(eventId).hybrid) return HYBRID
    const failure = await this.ensureGuestLimit(eventId, context)
    return failure ?? this.setPossibleLimit(eventId, Math.max(1, cap), context)
  }

  /** The limit, or the attendees where they exceed it and Meetup refuses it. */
  async setPossibleLimit(eventId: string, limit: number, context: OperationContext): Promise<Outcome<WrittenLimit>> {
    const written = await this.setLimit(eventId, limit, context)
    return isRefusal(written) ? this.afterRefusal(eventId, limit, written, context) : written
  }

  async setLimit(eventId: string, limit: number, context: OperationContext): Promise<Outcome<WrittenLimit>> {
    const { mutations, cache } = this.parts
    const guestLimit = this.parts.guestLimit ?? cache.get(eventId).guestLimit
    const result = await mutations.setLimit(eventId, limit, guestLimit, context)
    return result.kind === 'OK' ? this.confirm(eventId, limit, result.value, context) : result
  }

  confirmed({ cap }: WrittenLimit, mode: 'OPEN' | 'WAITLIST_ONLY'): ConfirmedState {
    return { cap, mode, pending: 0, sold: null, confirmedAt: this.parts.now() }
  }

  /** Meetup may reset settings that an edit omits: a raise, which is not urgent, includes the organizer's guest limit. */
  private async ensureGuestLimit(eventId: string, context: OperationContext): Promise<Failure | null> {
    const { guestLimit, cache, reader } = this.parts
    if (context.lane === 'protect' || guestLimit !== null || cache.get(eventId).guestLimit !== null) return null
    const read = await reader.readCounts(eventId, context)
    if (read.kind === 'OK') return cache.get(eventId).hybrid ? HYBRID : null
    return read.kind === 'UNAVAILABLE' || read.kind === 'UNKNOWN' ? { kind: 'NOT_SENT', reason: read.reason } : read
  }

  /** The limit may be below the attendees: retries once at the count of a new read. */
  private async afterRefusal(
    eventId: string,
    limit: number,
    refusal: Refusal,
    context: OperationContext,
  ): Promise<Outcome<WrittenLimit>> {
    const state = await this.parts.reader.readState(eventId, context)
    if (state.kind === 'GONE' || state.kind === 'FORBIDDEN') return state
    const attendees = state.kind === 'OK' ? state.value.attendees.atLeast : 0
    const retried =
      attendees > limit ? await this.setLimit(eventId, attendees, sendingCap(context, attendees)) : refusal
    if (retried.kind === 'OK') return { kind: 'OK', value: { ...retried.value, full: true } }
    if (!isRefusal(retried)) return retried
    const sold = attendees > limit ? attendees : null
    return sold !== null || concernsLimit(retried)
      ? { kind: 'CAP_BELOW_SOLD', sold, pending: 0, reason: retried.message }
      : retried
  }

  /** The response shows the limit in force. If it does not, a read that shows the written limit confirms it. */
  private async confirm(
    eventId: string,
    limit: number,
    { cap, closed, guestLimit }: EventAfterWrite,
    context: OperationContext,
  ): Promise<Outcome<WrittenLimit>> {
    const { cache, reader } = this.parts
    if (guestLimit !== null) cache.update(eventId, { guestLimit })
    const confirmed: { cap: unknown; closed: boolean | undefined } = { cap, closed }
    if (cap === undefined || closed === undefined) {
      const read = await reader.readCounts(eventId, context)
      if (read.kind === 'OK') {
        confirmed.cap ??= read.value.cap === limit ? limit : undefined
        confirmed.closed ??= read.value.closed
      }
    }
    if (typeof confirmed.cap !== 'number') {
      return { kind: 'UNKNOWN', reason: `Meetup did not confirm the limit of ${limit}` }
    }
    // `closed` only decides whether the event must be opened as well.
    const written = { cap: confirmed.cap, closed: confirmed.closed ?? cache.get(eventId).closed ?? false }
    cache.update(eventId, { closed: written.closed })
    cache.recordLimit(eventId, written.cap)
    return { kind: 'OK', value: written }
  }
}

type Refusal = Extract<Failure, { kind: 'REJECTED' }>

export function isRefusal(outcome: Outcome<WrittenLimit>): outcome is Refusal {
  return outcome.kind === 'REJECTED' && outcome.code !== 'HYBRID_EVENT' && outcome.code !== 'VALIDATION_ERROR'
}

/** Meetup's error codes are not published: an error that mentions the limit concerns it. */
function concernsLimit({ code, message }: Refusal): boolean {
  return /limit/i.test(`${code} ${message}`)
}
