import type { Outcome } from '../../port.js'
import type { MeetupClient } from '../client/client.js'
import type { OperationContext } from '../../operation.js'
import { isObject, type JsonObject } from '../../kit/response-shape.js'
import { readAfterWrite, type EventAfterWrite } from './event-state.js'
import { CLOSE_RSVPS, OPEN_RSVPS, SET_LIMIT, type Operation } from '../client/operations.js'

/** The three mutations; each returns the resulting state of the event. */
export class Mutations {
  constructor(private readonly client: MeetupClient) {}

  /** `limit` must be 1 or more: Meetup treats 0 as "no limit". `guestLimit` null: not sent. */
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
    const payload = await this.client.execute(operation, { input }, context)
    return payload.kind === 'OK' ? readPayload(payload.value) : payload
  }
}

/** Reads a mutation's payload: its errors, else the event. */
export function readPayload(payload: JsonObject): Outcome<EventAfterWrite> {
  const { errors, event } = payload
  const error: unknown = Array.isArray(errors) ? errors[0] : undefined
  if (isObject(error)) {
    const { code, message, field } = error
    return {
      kind: 'REJECTED',
      code: typeof code === 'string' && code ? code.slice(0, 100) : 'PAYLOAD_ERROR',
      message: [message, field].filter((part) => typeof part === 'string').join(', at ') || 'no reason given by Meetup',
    }
  }
  // Applied, but the event is not shown.
  if (event === null && (errors === null || Array.isArray(errors))) {
    return { kind: 'OK', value: { cap: undefined, closed: undefined, guestLimit: null } }
  }
  if (!isObject(event)) return { kind: 'UNKNOWN', reason: "Meetup's response to a write has no event" }
  try {
    return { kind: 'OK', value: readAfterWrite(event) }
  } catch (error) {
    // The write may have been applied, so this is not a refusal.
    return { kind: 'UNKNOWN', reason: error instanceof Error ? error.message : String(error) }
  }
}
