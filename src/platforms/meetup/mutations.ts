import type { Outcome } from '../port.js'
import type { MeetupClient } from './client.js'
import type { OperationContext } from '../operation.js'
import { isObject, type JsonObject } from './contract.js'
import { readAfterWrite, type EventAfterWrite } from './event-state.js'
import { CLOSE_RSVPS, OPEN_RSVPS, SET_LIMIT, type Operation } from './operations.js'

/** The three mutations, each answering what it left behind. */
export class Mutations {
  constructor(private readonly client: MeetupClient) {}

  /** `limit` must be 1 or more: Meetup takes 0 for "no limit". Null leaves the guests as they are. */
  setLimit(
    eventId: string,
    limit: number,
    guestLimit: number | null,
    context: OperationContext,
  ): Promise<Outcome<EventAfterWrite>> {
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new RangeError(`a Meetup limit must be 1 or more, not ${limit}`)
    const rsvpSettings = { rsvpLimit: limit, ...(guestLimit === null ? {} : { guestLimit }) }
    return this.mutate(SET_LIMIT, { eventId, rsvpSettings }, context)
  }

  close(eventId: string, context: OperationContext): Promise<Outcome<EventAfterWrite>> {
    return this.mutate(CLOSE_RSVPS, { eventId }, context)
  }

  open(eventId: string, context: OperationContext): Promise<Outcome<EventAfterWrite>> {
    return this.mutate(OPEN_RSVPS, { eventId }, context)
  }

  private async mutate(
    operation: Operation,
    input: JsonObject,
    context: OperationContext,
  ): Promise<Outcome<EventAfterWrite>> {
    const answer = await this.client.execute(operation, { input }, context)
    return answer.kind === 'OK' ? readPayload(answer.value) : answer
  }
}

/** A mutation's payload: its own errors, else the event. */
export function readPayload(payload: JsonObject): Outcome<EventAfterWrite> {
  const { errors, event } = payload
  const error: unknown = Array.isArray(errors) ? errors[0] : undefined
  if (isObject(error)) {
    const { code, message, field } = error
    return {
      kind: 'REJECTED',
      code: typeof code === 'string' && code ? code.slice(0, 100) : 'PAYLOAD_ERROR',
      message: [message, field].filter((part) => typeof part === 'string').join(', at ') || 'Meetup gave no reason',
    }
  }
  // Done, and nothing is shown of it.
  if (event === null && (errors === null || Array.isArray(errors))) {
    return { kind: 'OK', value: { cap: undefined, closed: undefined, guestLimit: null } }
  }
  if (!isObject(event)) return { kind: 'UNKNOWN', reason: 'Meetup answered a write without the event' }
  try {
    return { kind: 'OK', value: readAfterWrite(event) }
  } catch (error) {
    // The write may stand, so this is no refusal.
    return { kind: 'UNKNOWN', reason: error instanceof Error ? error.message : String(error) }
  }
}
