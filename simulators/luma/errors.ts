import type { Refusals } from '../kit/index.js'

/** An error of the platform: becomes a response `{"message": …}` with this status. */
export class LumaError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

/** Responses to calls that are not processed. */
export const REFUSALS: Refusals = {
  unauthorized: { status: 401, body: { message: 'Invalid API key' } },
  forbidden: { status: 403, body: { message: 'This key has no access to the calendar' } },
  invalid: { status: 400, body: { message: 'Invalid request' } },
}
