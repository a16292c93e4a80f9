import type { ApiResponse, Refusals } from '../kit/index.js'

/** An unknown id. */
export class NotFoundError extends Error {}

function refusal(status: number, message: string, extensions: Record<string, unknown>): ApiResponse {
  return { status, body: { errors: [{ message, locations: [{ line: 1, column: 1 }], extensions }] } }
}

/** Responses to calls that are not processed. */
export const REFUSALS: Refusals = {
  unauthorized: refusal(401, 'Unauthorized', { code: 'UNAUTHENTICATED' }),
  forbidden: refusal(200, 'Not allowed', { code: 'FORBIDDEN' }),
  invalid: refusal(200, 'Invalid request', { classification: 'ValidationError' }),
}
