import type { CallContext, ConfirmedState, Failure, Outcome } from '../port.js'
import { HYBRID, type ChannelReader } from './channel-reader.js'
import { operationOf, type OperationContext } from '../operation.js'
import { MAX_INT } from './contract.js'
import type { EventMemory } from './event-memory.js'
import type { EventAfterWrite } from './event-state.js'
import type { Mutations } from './mutations.js'

export interface CapWriterParts {
  reader: ChannelReader
  mutations: Mutations
  memory: EventMemory
  /** Sent with each limit; null keeps the event's own. */
  guestLimit: number | null
  now: () => Date
}

/** A limit that Meetup confirmed. `closed`: RSVPs are closed, whatever the limit. */
export interface Written {
  cap: number
  closed: boolean
  /** A reading of the same operation showed as many sold. */
  full?: boolean
}

/**
 * Writes limits, never 0. The write comes first and says what stands; who is in is counted by a later reading, since
 * readings run behind: until then nothing is known to be given back.
 */
export class CapWriter {
  constructor(private readonly parts: CapWriterParts) {}

  async writeCap(eventId: string, cap: number, context: CallContext): Promise<Outcome<ConfirmedState>> {
    const written = await this.write(eventId, cap, operationOf(context))
    if (written.kind !== 'OK') return written
    const { closed, full = false } = written.value
    return { kind: 'OK', value: this.confirmed(written.value, closed || full ? 'WAITLIST_ONLY' : 'OPEN') }
  }

  async write(eventId: string, cap: number, context: OperationContext): Promise<Outcome<Written>> {
    if (!Number.isInteger(cap) || cap < 0 || cap > MAX_INT) {
      return { kind: 'REJECTED', code: 'INVALID_CAP', message: `A cap must be a whole number from 0, not ${cap}` }
    }
    if (this.parts.memory.of(eventId).hybrid) return HYBRID
    const unready = await this.learnGuestLimit(eventId, context)
    if (unready) return unready
    const limit = Math.max(1, cap)
    const written = await this.setLimit(eventId, limit, context)
    return isRefusal(written) ? this.afterRefusal(eventId, limit, written, context) : written
  }

  async setLimit(eventId: string, limit: number, context: OperationContext): Promise<Outcome<Written>> {
    const { mutations, memory } = this.parts
    const guestLimit = this.parts.guestLimit ?? memory.of(eventId).guestLimit
    const answer = await mutations.setLimit(eventId, limit, guestLimit, context)
    return answer.kind === 'OK' ? this.confirm(eventId, limit, answer.value, context) : answer
  }

  confirmed({ cap }: Written, mode: 'OPEN' | 'WAITLIST_ONLY'): ConfirmedState {
    return { cap, mode, pending: 0, sold: null, confirmedAt: this.parts.now() }
  }

  /** Settings left out of an edit may be reset: a raise, which can wait, sends along what the organiser chose. */
  private async learnGuestLimit(eventId: string, context: OperationContext): Promise<Failure | null> {
    const { guestLimit, memory, reader } = this.parts
    if (context.lane === 'protect' || guestLimit !== null || memory.of(eventId).guestLimit !== null) return null
    const read = await reader.readCounts(eventId, context)
    if (read.kind === 'OK') return memory.of(eventId).hybrid ? HYBRID : null
    return read.kind === 'UNAVAILABLE' || read.kind === 'UNKNOWN' ? { kind: 'NOT_SENT', reason: read.reason } : read
  }

  /** More may be sold than the limit allows: then once more, at what a fresh reading says. */
  private async afterRefusal(
    eventId: string,
    limit: number,
    refused: Refusal,
    context: OperationContext,
  ): Promise<Outcome<Written>> {
    const fresh = await this.parts.reader.readState(eventId, context)
    if (fresh.kind === 'GONE' || fresh.kind === 'FORBIDDEN') return fresh
    const sold = fresh.kind === 'OK' ? fresh.value.heads.atLeast : 0
    const again = sold > limit ? await this.setLimit(eventId, sold, context) : refused
    if (again.kind === 'OK') return { kind: 'OK', value: { ...again.value, full: true } }
    if (!isRefusal(again)) return again
    const told = sold > limit ? sold : null
    return told !== null || concernsLimit(again)
      ? { kind: 'CAP_BELOW_SOLD', sold: told, pending: 0, reason: again.message }
      : again
  }

  /** The answer says what stands; one that does not is made up for by a reading that agrees. */
  private async confirm(
    eventId: string,
    limit: number,
    { cap, closed, guestLimit }: EventAfterWrite,
    context: OperationContext,
  ): Promise<Outcome<Written>> {
    const { memory, reader } = this.parts
    if (guestLimit !== null) memory.note(eventId, { guestLimit })
    const told: { cap: unknown; closed: boolean | undefined } = { cap, closed }
    if (cap === undefined || closed === undefined) {
      const read = await reader.readCounts(eventId, context)
      if (read.kind === 'OK') {
        told.cap ??= read.value.cap === limit ? limit : undefined
        told.closed ??= read.value.closed
      }
    }
    if (typeof told.cap !== 'number') {
      return { kind: 'UNKNOWN', reason: `Meetup did not confirm the limit of ${limit}` }
    }
    // Whether it is closed is only a question of whether it must be opened too.
    const written = { cap: told.cap, closed: told.closed ?? memory.of(eventId).closed ?? false }
    memory.note(eventId, { closed: written.closed })
    memory.noteLimit(eventId, written.cap)
    return { kind: 'OK', value: written }
  }
}

type Refusal = Extract<Failure, { kind: 'REJECTED' }>

export function isRefusal(outcome: Outcome<Written>): outcome is Refusal {
  return outcome.kind === 'REJECTED' && outcome.code !== 'HYBRID_EVENT' && outcome.code !== 'VALIDATION_ERROR'
}

/** Meetup's codes are not published; what names the limit is about the limit. */
function concernsLimit({ code, message }: Refusal): boolean {
  return /limit/i.test(`${code} ${message}`)
}
