import type { CallContext, ChannelReading, Outcome } from '../port.js'
import type { MeetupClient } from './client.js'
import { withinContract } from './contract.js'
import { modeOf, readCounts, type EventCounts } from './event-state.js'
import { countHeads, headsOf, type Heads } from './heads.js'
import { EVENT_COUNTS, GUEST_PAGE } from './operations.js'

export interface EventState extends EventCounts {
  heads: Heads
}

/** Reads limit, sales and mode of one event. */
export class ChannelReader {
  constructor(
    private readonly client: MeetupClient,
    private readonly now: () => Date,
  ) {}

  async readChannel(eventId: string, context: CallContext): Promise<Outcome<ChannelReading>> {
    const asOf = this.now()
    const read = await this.readState(eventId, 'all guests', context)
    if (read.kind !== 'OK') return read
    const { cap, closed, hasWaitlist, heads } = read.value
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
        waitlistAvailable: closed ? false : hasWaitlist,
        asOf,
      },
    }
  }

  /** `cheap` leaves the guests out where nobody may bring any: for writes, which need the least that is sold. */
  async readState(eventId: string, how: 'cheap' | 'all guests', context: CallContext): Promise<Outcome<EventState>> {
    // Paid for together: a second call that is refused would send the first one again and again, for nothing.
    const prepaid = how === 'all guests'
    const read = await this.readCounts(eventId, context, prepaid ? GUEST_PAGE.weight : 0)
    if (read.kind !== 'OK') return read
    const counts = read.value
    if (how === 'cheap' && counts.guestLimit === 0) return { kind: 'OK', value: { ...counts, heads: headsOf(counts) } }
    const heads = await countHeads(this.client, eventId, counts, { ...context, prepaid })
    return heads.kind === 'OK' ? { kind: 'OK', value: { ...counts, heads: heads.value } } : heads
  }

  /** `ahead`: points that are paid with this call for the next one. */
  async readCounts(eventId: string, context: CallContext, ahead = 0): Promise<Outcome<EventCounts>> {
    const operation = { ...EVENT_COUNTS, weight: EVENT_COUNTS.weight + ahead }
    const answer = await this.client.execute(operation, { id: eventId }, context)
    return answer.kind === 'OK' ? withinContract(() => readCounts(answer.value)) : answer
  }
}
