import { Rejection, type Refusals } from '../kit/index.js'

/** An error in Eventbrite's envelope. */
export function rejection(
  status: number,
  error: string,
  description: string,
  detail?: Record<string, unknown>,
): Rejection {
  const body = { status_code: status, error, error_description: description }
  return new Rejection({ status, body: detail === undefined ? body : { ...body, error_detail: detail } })
}

/** 400 ARGUMENTS_ERROR for one argument, e.g. `ticket_class.capacity` INVALID. */
export function badArgument(field: string, reason: 'INVALID' | 'MISSING' | 'UNKNOWN' = 'INVALID'): Rejection {
  return rejection(400, 'ARGUMENTS_ERROR', `There are errors with your arguments: ${field} - ${reason}`, {
    ARGUMENTS_ERROR: { [field]: [reason] },
  })
}

export function notFound(what: string): Rejection {
  return rejection(404, 'NOT_FOUND', `The ${what} you requested does not exist.`)
}

/** Responses to calls that are not processed. */
export const REFUSALS: Refusals = {
  unauthorized: rejection(401, 'INVALID_AUTH', 'The OAuth token you provided was invalid.').response,
  forbidden: rejection(403, 'NOT_AUTHORIZED', 'You do not have permission to access the resource you requested.')
    .response,
  invalid: badArgument('request').response,
}
