import type { CallContext, ConfirmedState, Outcome } from '../../port.js'
import { isRefusal, type CapWriter, type WrittenLimit } from '../caps/cap-writer.js'
import type { ChannelReader } from '../caps/channel-reading.js'
import { operationOf, type OperationContext } from '../../operation.js'
import { afterWrite } from '../../kit/outcomes.js'
import type { EventCache } from '../caps/event-cache.js'
import type { Mutations } from '../caps/mutations.js'

export interface ModeWriterParts {
  caps: CapWriter
  mutations: Mutations
  reader: ChannelReader
  cache: EventCache
  now: () => Date
}

/** How long an interrupted opening does not write its limit again, ms. */
const RESUME_WINDOW_MS = 60_000
const MAX_PENDING_OPENINGS = 1_000

/** Opens an event and sets it to waitlist only. */
export class ModeWriter {
  /** The limits already written for interrupted openings. */
  private readonly pendingOpenings = new Map<string, { cap: number; at: number }>()

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
    const { closed, sellsFirst = false } = written.value
    const isClosed = closed || (mode === 'WAITLIST_ONLY' && !sellsFirst)
    return { kind: 'OK', value: this.parts.caps.confirmed(written.value, isClosed ? 'WAITLIST_ONLY' : 'OPEN') }
  }

  /**
   * One call, without a read before it: a limit of `cap`, the known attendees, makes the event full and keeps its
   * waitlist. RSVPs are closed instead if nothing is sold, since the minimum limit would still sell one, or if a limit
   * has no effect or is refused.
   */
  private async waitlistOnly(eventId: string, cap: number, context: OperationContext): Promise<Outcome<WrittenLimit>> {
    const { caps, cache } = this.parts
    const { hybrid, attendees, closed } = cache.get(eventId)
    if (context.unsettled === true && !hybrid) return this.limitOnly(eventId, cap, context)
    const soldNothing = cap <= 1 && (attendees ?? 0) === 0
    // Already closed, by a call that removed the limit; unless the organizer has reopened it since.
    if (soldNothing && closed && !hybrid) {
      const limited = await caps.setLimit(eventId, 1, context)
      if (limited.kind !== 'OK' || limited.value.closed) return limited
      const closedAgain = await this.close(eventId, cap, context)
      return closedAgain.kind === 'OK' ? closedAgain : afterWrite(closedAgain, 'the event could not be closed')
    }
    if (hybrid || soldNothing) return this.close(eventId, cap, context)
    const written = await caps.setLimit(eventId, Math.max(1, cap), context)
    return isRefusal(written) ? this.close(eventId, cap, context) : written
  }

  /**
   * While a lost opening may still land: closing removes the limit, and the opening would sell without one until it is
   * restored. The limit sells at most a first ticket, which stays recorded; it is closed once the opening cannot land.
   */
  private async limitOnly(eventId: string, cap: number, context: OperationContext): Promise<Outcome<WrittenLimit>> {
    const { caps, cache } = this.parts
    const limited = await caps.setPossibleLimit(eventId, Math.max(1, cap), context)
    if (isRefusal(limited)) return this.close(eventId, cap, context)
    if (limited.kind !== 'OK') return limited
    const sellsFirst = cap <= 1 && (cache.get(eventId).attendees ?? 0) === 0 && limited.value.full !== true
    return { kind: 'OK', value: { ...limited.value, sellsFirst } }
  }

  /**
   * Closing may remove the limit. It is restored if that takes no budget from others, so that an organizer who reopens
   * manually does not sell without a limit until the next poll; otherwise by the next opening, which writes it first.
   * Nothing can be sold until then.
   */
  private async close(eventId: string, cap: number, context: OperationContext): Promise<Outcome<WrittenLimit>> {
    const { caps, mutations, cache } = this.parts
    const closed = await mutations.close(eventId, context)
    if (closed.kind !== 'OK') return closed
    if (!(closed.value.closed ?? (await this.isClosed(eventId, context)))) {
      return { kind: 'UNKNOWN', reason: 'Meetup accepted closing the event but does not show it as closed' }
    }
    cache.update(eventId, { closed: true })
    const limit = Math.max(1, cap)
    const limitInForce = closed.value.cap
    if (typeof limitInForce === 'number' && limitInForce <= limit) {
      return { kind: 'OK', value: { cap: limitInForce, closed: true } }
    }
    const withoutLimit: Outcome<WrittenLimit> = { kind: 'OK', value: { cap: limit, closed: true } }
    if (cache.get(eventId).hybrid) return withoutLimit
    const restored = await caps.setPossibleLimit(eventId, limit, operationOf({ ...context, lane: 'grow' }))
    return restored.kind === 'OK' ? restored : withoutLimit
  }

  /** Writes the limit while still closed, then opens, then checks the limit in force. */
  private async open(eventId: string, cap: number, context: OperationContext): Promise<Outcome<WrittenLimit>> {
    const { mutations, cache } = this.parts
    const written = await this.writeLimitOrResume(eventId, cap, context)
    if (written.kind !== 'OK' || !written.value.closed) return written
    const opened = await mutations.open(eventId, context)
    if (opened.kind === 'THROTTLED') this.recordPendingOpening(eventId, written.value.cap)
    // It sells nothing yet, but its limit has changed: an organizer who opens it manually sells up to that.
    if (opened.kind !== 'OK') return afterWrite(opened, 'the event could not be opened')
    const limitInForce = opened.value.cap ?? (await this.readLimit(eventId, context))
    if (typeof limitInForce === 'number' && limitInForce <= written.value.cap) {
      cache.update(eventId, { closed: opened.value.closed ?? false })
      return { kind: 'OK', value: { cap: limitInForce, closed: opened.value.closed ?? false } }
    }
    const closed = await mutations.close(eventId, context)
    const recovery = closed.kind === 'OK' ? 'closed again' : `closing it again returned ${closed.kind}`
    return { kind: 'UNKNOWN', reason: `Meetup reopened the event with limit ${limitInForce}; ${recovery}` }
  }

  /** Skips the write if an earlier, throttled opening has already written this limit. */
  private async writeLimitOrResume(
    eventId: string,
    cap: number,
    context: OperationContext,
  ): Promise<Outcome<WrittenLimit>> {
    const { caps, now } = this.parts
    const pending = this.pendingOpenings.get(eventId)
    this.pendingOpenings.delete(eventId)
    const isWritten = pending?.cap === cap && now().getTime() - pending.at <= RESUME_WINDOW_MS
    return isWritten ? { kind: 'OK', value: { cap, closed: true } } : caps.write(eventId, cap, context)
  }

  private recordPendingOpening(eventId: string, cap: number): void {
    if (this.pendingOpenings.size >= MAX_PENDING_OPENINGS) this.pendingOpenings.clear()
    this.pendingOpenings.set(eventId, { cap, at: this.parts.now().getTime() })
  }

  private async isClosed(eventId: string, context: OperationContext): Promise<boolean> {
    const counts = await this.parts.reader.readCounts(eventId, context)
    return counts.kind === 'OK' && counts.value.closed
  }

  private async readLimit(eventId: string, context: OperationContext): Promise<number | 'UNLIMITED' | 'UNKNOWN'> {
    const counts = await this.parts.reader.readCounts(eventId, context)
    return counts.kind === 'OK' ? counts.value.cap : 'UNKNOWN'
  }
}
