import type { CallContext, ConfirmedState, Outcome } from '../port.js'
import { isRefusal, type CapWriter, type Written } from './cap-writer.js'
import type { ChannelReader } from './channel-reader.js'
import { operationOf, type OperationContext } from '../operation.js'
import type { EventMemory } from './event-memory.js'
import type { Mutations } from './mutations.js'

export interface ModeWriterParts {
  caps: CapWriter
  mutations: Mutations
  reader: ChannelReader
  memory: EventMemory
  now: () => Date
}

/** A limit that was written for an opening which broke off is not written again for so long, ms. */
const RESUMED_MS = 60_000
const MAX_REMEMBERED = 1_000

/** Opens an event and turns it to waitlist only. */
export class ModeWriter {
  /** Limits of closed events that are about to be opened. */
  private readonly limited = new Map<string, { cap: number; at: number }>()

  constructor(private readonly parts: ModeWriterParts) {}

  async setMode(
    eventId: string,
    mode: 'OPEN' | 'WAITLIST_ONLY',
    cap: number,
    context: CallContext,
  ): Promise<Outcome<ConfirmedState>> {
    const operation = operationOf(context)
    const written =
      mode === 'OPEN' ? await this.open(eventId, cap, operation) : await this.waitlistOnly(eventId, cap, operation)
    if (written.kind !== 'OK') return written
    const closed = mode === 'WAITLIST_ONLY' || written.value.closed
    return { kind: 'OK', value: this.parts.caps.confirmed(written.value, closed ? 'WAITLIST_ONLY' : 'OPEN') }
  }

  /**
   * One call, and nothing before it: a limit of `cap`, what is known to be sold, shows the event as full and keeps its
   * waitlist. With nothing sold the smallest limit would still sell one, so RSVPs are closed; and where a limit is no
   * use or is refused.
   */
  private async waitlistOnly(eventId: string, cap: number, context: OperationContext): Promise<Outcome<Written>> {
    const { caps, memory } = this.parts
    const { hybrid, heads, closed } = memory.of(eventId)
    const soldNothing = cap <= 1 && (heads ?? 0) === 0
    // Closed already, by a call that took the limit away; unless someone has opened it since.
    if (soldNothing && closed && !hybrid) {
      const limited = await caps.setLimit(eventId, 1, context)
      return limited.kind === 'OK' && !limited.value.closed ? this.close(eventId, cap, context) : limited
    }
    if (hybrid || soldNothing) return this.close(eventId, cap, context)
    const written = await caps.setLimit(eventId, Math.max(1, cap), context)
    return isRefusal(written) ? this.close(eventId, cap, context) : written
  }

  /**
   * Closing may wipe the limit. It is put back where that costs nobody anything, lest someone who reopens by hand sells
   * without end until the next poll; else by the opening, which writes it first. Nothing can be sold meanwhile.
   */
  private async close(eventId: string, cap: number, context: OperationContext): Promise<Outcome<Written>> {
    const { caps, mutations, memory } = this.parts
    const closed = await mutations.close(eventId, context)
    if (closed.kind !== 'OK') return closed
    if (!(closed.value.closed ?? (await this.isClosed(eventId, context)))) {
      return { kind: 'UNKNOWN', reason: 'Meetup was told to close the event and does not show it as closed' }
    }
    memory.note(eventId, { closed: true })
    const limit = Math.max(1, cap)
    const stands = closed.value.cap
    if (typeof stands === 'number' && stands <= limit) return { kind: 'OK', value: { cap: stands, closed: true } }
    if (!memory.of(eventId).hybrid) await caps.setLimit(eventId, limit, operationOf({ ...context, lane: 'grow' }))
    return { kind: 'OK', value: { cap: limit, closed: true } }
  }

  /** The limit first, while still closed; then opened; then looked at again. */
  private async open(eventId: string, cap: number, context: OperationContext): Promise<Outcome<Written>> {
    const { mutations, memory } = this.parts
    const written = await this.limitFirst(eventId, cap, context)
    if (written.kind !== 'OK' || !written.value.closed) return written
    const opened = await mutations.open(eventId, context)
    if (opened.kind === 'THROTTLED') this.remember(eventId, written.value.cap)
    if (opened.kind !== 'OK') return opened
    const stands = opened.value.cap ?? (await this.limitNow(eventId, context))
    if (typeof stands === 'number' && stands <= written.value.cap) {
      memory.note(eventId, { closed: opened.value.closed ?? false })
      return { kind: 'OK', value: { cap: stands, closed: opened.value.closed ?? false } }
    }
    const closed = await mutations.close(eventId, context)
    const after = closed.kind === 'OK' ? 'closed again' : `closing it again came to ${closed.kind}`
    return { kind: 'UNKNOWN', reason: `Meetup reopened the event with limit ${stands}; ${after}` }
  }

  /** What an opening that was throttled halfway has written already is not written again. */
  private async limitFirst(eventId: string, cap: number, context: OperationContext): Promise<Outcome<Written>> {
    const { caps, now } = this.parts
    const limited = this.limited.get(eventId)
    this.limited.delete(eventId)
    const stands = limited?.cap === cap && now().getTime() - limited.at <= RESUMED_MS
    return stands ? { kind: 'OK', value: { cap, closed: true } } : caps.write(eventId, cap, context)
  }

  private remember(eventId: string, cap: number): void {
    if (this.limited.size >= MAX_REMEMBERED) this.limited.clear()
    this.limited.set(eventId, { cap, at: this.parts.now().getTime() })
  }

  private async isClosed(eventId: string, context: OperationContext): Promise<boolean> {
    const counts = await this.parts.reader.readCounts(eventId, context)
    return counts.kind === 'OK' && counts.value.closed
  }

  private async limitNow(eventId: string, context: OperationContext): Promise<number | 'UNLIMITED' | 'UNKNOWN'> {
    const counts = await this.parts.reader.readCounts(eventId, context)
    return counts.kind === 'OK' ? counts.value.cap : 'UNKNOWN'
  }
}
