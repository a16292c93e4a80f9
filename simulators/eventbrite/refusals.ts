import { Refusal } from '../kit/index.js'

/** An error in Eventbrite's envelope. */
export function refusal(status: number, error: string, description: string, detail?: Record<string, unknown>): Refusal {
  const body = { status_code: status, error, error_description: description }
  return new Refusal({ status, body: detail === undefined ? body : { ...body, error_detail: detail } })
}

/** 400 ARGUMENTS_ERROR for one argument, e.g. `ticket_class.capacity` INVALID. */
export function badArgument(field: string, problem: 'INVALID' | 'MISSING' | 'UNKNOWN' = 'INVALID'): Refusal {
  return refusal(400, 'ARGUMENTS_ERROR', `There are errors with your arguments: ${field} - ${problem}`, {
    ARGUMENTS_ERROR: { [field]: [problem] },
  })
}

export function notFound(what: string): Refusal {
  return refusal(404, 'NOT_FOUND', `The ${what} you requested does not exist.`)
}
