import type { CallContext, ChannelReading, Failure, Outcome } from '../port.js'
import type { MeetupClient } from './client.js'
import { operationOf, type OperationContext } from '../operation.js'
import { withinContract } from './contract.js'
import type { EventMemory } from './event-memory.js'
import { modeOf, readCounts, type EventCounts } from './event-state.js'
import { countHeads, type Heads } from './heads.js'
import { EVENT_COUNTS } from './operations.js'
import { headsOnPage } from './rsvp-page.js'
import type { RsvpQuery } from './rsvp-query.js'

export interface EventState extends EventCounts {
  heads: Heads
  /** Everything that was known then is in the reading, ms since the epoch. */
  at: number
}

export interface ChannelReaderParts {
  client: MeetupClient
  query: RsvpQuery
  memory: EventMemory
  now: () => Date
  /** Rows that one page may have. */
  pageSize: number
}

/** Reads limit, sales and mode of one event. */
export class ChannelReader {
  constructor(private readonly parts: ChannelReaderParts) {}

  /** `keep`: an import follows, which may use the rows that were read. */
  async readChannel(eventId: string, context: CallContext, keep = false): Promise<Outcome<ChannelReading>> {
    const read = await this.readState(eventId, operationOf(context), keep)
    if (read.kind !== 'OK') return read
    if (this.parts.memory.of(eventId).hybrid) return HYBRID
    const { cap, closed, state, hasWaitlist, heads, at } = read.value
    const sold = heads.known ? heads.atLeast : null
    const full = typeof cap === 'number' && heads.atLeast >= cap
    return {
      kind: 'OK',
      value: {
        cap,
        capSource: 'read',
        sold,
        // A payment under way holds its seat and is counted as sold.
        pending: 0,
        mode: full ? 'WAITLIST_ONLY' : modeOf(cap, closed, sold),
        listingState: state,
        waitlistAvailable: closed ? false : hasWaitlist,
        asOf: new Date(at),
      },
    }
  }

  /** In one query where the whole list fits a page. `keep`: its rows are kept for the import that follows. */
  async readState(eventId: string, context: OperationContext, keep = false): Promise<Outcome<EventState>> {
    const { query, memory, pageSize, now } = this.parts
    let at = now().getTime()
    if ((memory.of(eventId).rows ?? 0) <= pageSize) {
      const page = await query.page(eventId, pageSize, null, context)
      if (page.kind !== 'OK') return page
      if (keep) query.keep(eventId, page.value)
      at = page.value.at
      const whole = wholeState(page.value.event)
      if (whole) return this.remember(eventId, { ...whole, at })
    }
    const counts = await this.readCounts(eventId, context)
    if (counts.kind !== 'OK') return counts
    const heads = await countHeads(this.parts.client, eventId, counts.value, pageSize, context)
    return heads.kind === 'OK' ? this.remember(eventId, { ...counts.value, heads: heads.value, at }) : heads
  }

  async readCounts(eventId: string, context: OperationContext): Promise<Outcome<EventCounts>> {
    const answer = await this.parts.client.execute(EVENT_COUNTS, { id: eventId }, context)
    if (answer.kind !== 'OK') return answer
    this.parts.memory.noteEvent(eventId, answer.value)
    return withinContract(() => readCounts(answer.value))
  }

  private remember(eventId: string, state: EventState): Outcome<EventState> {
    this.parts.memory.note(eventId, { closed: state.closed, heads: state.heads.atLeast })
    return { kind: 'OK', value: state }
  }
}

export const HYBRID: Failure = {
  kind: 'REJECTED',
  code: 'HYBRID_EVENT',
  message: 'A hybrid event has a limit for each venue; list its venues as separate events',
}

/** Null: the page does not show all that is needed. */
function wholeState(event: Parameters<typeof readCounts>[0]): Omit<EventState, 'at'> | null {
  const counts = withinContract(() => readCounts(event))
  const heads = withinContract(() => headsOnPage(event))
  return counts.kind === 'OK' && heads.kind === 'OK' && heads.value ? { ...counts.value, heads: heads.value } : null
}
