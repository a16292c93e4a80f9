import { ValidationFailed } from '../domain/errors.js'
import { endOf, salesEndOf, type EventTimes } from '../domain/events/event-state.js'
import { toInstant } from '../infrastructure/http/requests/instant.js'

/** Times in a request body: RFC 3339, or left out. */
export interface TimesBody {
  startsAt?: string
  endsAt?: string
  salesEndAt?: string
}

/**
 * The times of a body merged with the current ones. Throws ValidationFailed where the event would end before it starts,
 * or customers could buy after its end.
 */
export function timesOf(body: TimesBody, before: EventTimes): EventTimes {
  const given = (field: keyof TimesBody) => (body[field] === undefined ? before[field] : toInstant(body[field]))
  const times = {
    startsAt: given('startsAt') ?? before.startsAt,
    endsAt: given('endsAt'),
    salesEndAt: given('salesEndAt'),
  }
  const end = endOf(times)
  if (end < times.startsAt) {
    throw ValidationFailed.of(
      conflictingField(body, 'endsAt'),
      `would let the event end (${end.toISOString()}) before it starts`,
    )
  }
  const salesEnd = salesEndOf(times)
  if (salesEnd > end) {
    const when = `${salesEnd.toISOString()}, after the end of the event`
    throw ValidationFailed.of(conflictingField(body, 'salesEndAt'), `would let customers buy until ${when}`)
  }
  return times
}

/** The field of the request that contradicts the others. */
function conflictingField(body: TimesBody, first: keyof TimesBody): keyof TimesBody {
  const sent = [first, 'endsAt', 'startsAt', 'salesEndAt'] as const
  return sent.find((field) => body[field] !== undefined) ?? first
}
