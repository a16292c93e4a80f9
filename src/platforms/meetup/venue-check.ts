import type { CallContext, Failure } from '../port.js'
import type { MeetupClient } from './client.js'
import { EVENT_TYPE } from './operations.js'

const REMEMBERED_MS = 3_600_000
const MOST_REMEMBERED = 1_000

/**
 * Hybrid events have a limit for each venue; one limit for the whole event would not bind there, so they are refused.
 * An event's type hardly ever changes: it is asked for once an hour.
 */
export class VenueCheck {
  private readonly passed = new Map<string, number>()

  constructor(
    private readonly client: MeetupClient,
    private readonly now: () => Date,
  ) {}

  /** Null: one limit binds the whole event. */
  async refusal(eventId: string, context: CallContext): Promise<Failure | null> {
    const now = this.now().getTime()
    if (now < (this.passed.get(eventId) ?? 0)) return null
    const answer = await this.client.execute(EVENT_TYPE, { id: eventId }, context)
    if (answer.kind === 'OK' && answer.value['eventType'] === 'HYBRID') {
      const message = 'A hybrid event has a limit for each venue; list its venues as separate events'
      return { kind: 'REJECTED', code: 'HYBRID_EVENT', message }
    }
    // A schema that has no event types has no hybrid events.
    const untyped = answer.kind === 'REJECTED' && answer.code === 'VALIDATION_ERROR'
    if (answer.kind !== 'OK' && !untyped) return answer
    if (this.passed.size >= MOST_REMEMBERED) this.passed.clear()
    this.passed.set(eventId, now + REMEMBERED_MS)
    return null
  }
}
