import type { CallContext, ConfirmedState, Outcome } from '../port.js'
import type { ChannelReader, EventState } from './channel-reader.js'
import type { CapWriter, Written } from './cap-writer.js'
import type { Mutations } from './mutations.js'

/** Opens an event and turns it to waitlist only. */
export class ModeWriter {
  constructor(
    private readonly caps: CapWriter,
    private readonly mutations: Mutations,
    private readonly reader: ChannelReader,
  ) {}

  async setMode(
    eventId: string,
    mode: 'OPEN' | 'WAITLIST_ONLY',
    cap: number,
    context: CallContext,
  ): Promise<Outcome<ConfirmedState>> {
    const written = mode === 'OPEN' ? await this.open(eventId, cap, context) : await this.waitlistOnly(eventId, context)
    return written.kind === 'OK' ? { kind: 'OK', value: this.caps.confirmed(written.value) } : written
  }

  /**
   * A limit equal to what is sold shows the event as full and keeps its waitlist. With nothing sold the smallest limit
   * would still sell one, so RSVPs are closed; and when the limit is refused to someone in a hurry.
   */
  private async waitlistOnly(eventId: string, context: CallContext): Promise<Outcome<Written>> {
    const before = await this.caps.before(eventId, context)
    if (before.kind !== 'OK') return before
    const state = before.value
    if (state.heads.atLeast === 0) return this.close(eventId, state, context)
    const written = await this.caps.writeAtLeastSold(eventId, 0, state, context)
    const mustStop = written.kind === 'REJECTED' && context.lane === 'protect'
    return mustStop ? this.close(eventId, state, context) : written
  }

  /** Closing may wipe the limit: it is put back at once, lest someone who reopens by hand sells without end. */
  private async close(eventId: string, state: EventState, context: CallContext): Promise<Outcome<Written>> {
    const closed = await this.mutations.close(eventId, context)
    if (closed.kind !== 'OK') return closed
    if (!(closed.value.closed ?? (await this.isClosed(eventId, context)))) {
      return { kind: 'UNKNOWN', reason: 'Meetup was told to close the event and does not show it as closed' }
    }
    const sold = state.heads.atLeast
    const limited = await this.caps.setLimit(eventId, Math.max(1, sold), { ...state, closed: true }, context)
    if (limited.kind !== 'REJECTED') return limited
    const { cap } = closed.value
    if (typeof cap === 'number') return { kind: 'OK', value: { cap, closed: true, sold } }
    return { kind: 'UNKNOWN', reason: `Meetup closed the event, and refuses it a limit: ${limited.message}` }
  }

  /** The limit first, while still closed; then opened; then looked at again. */
  private async open(eventId: string, cap: number, context: CallContext): Promise<Outcome<Written>> {
    const written = await this.caps.write(eventId, cap, context)
    if (written.kind !== 'OK' || !written.value.closed) return written
    const opened = await this.mutations.open(eventId, context)
    if (opened.kind !== 'OK') return opened
    const stands = opened.value.cap ?? (await this.limitNow(eventId, context))
    if (typeof stands === 'number' && stands <= written.value.cap) {
      return { kind: 'OK', value: { ...written.value, cap: stands, closed: opened.value.closed ?? false } }
    }
    const closed = await this.mutations.close(eventId, context)
    const after = closed.kind === 'OK' ? 'closed again' : `closing it again came to ${closed.kind}`
    return { kind: 'UNKNOWN', reason: `Meetup reopened the event with limit ${stands}; ${after}` }
  }

  private async isClosed(eventId: string, context: CallContext): Promise<boolean> {
    const counts = await this.reader.readCounts(eventId, context)
    return counts.kind === 'OK' && counts.value.closed
  }

  private async limitNow(eventId: string, context: CallContext): Promise<number | 'UNLIMITED' | 'UNKNOWN'> {
    const counts = await this.reader.readCounts(eventId, context)
    return counts.kind === 'OK' ? counts.value.cap : 'UNKNOWN'
  }
}
