import type { PlatformResponse } from '../http/platform-http.js'
import type { Failure, Outcome } from '../port.js'
import { isObject, type JsonObject } from './contract.js'
import type { Operation } from './operations.js'

/** What an answer amounts to before the token or the budget is looked after. */
export type Classified =
  Outcome<JsonObject> | { kind: 'UNAUTHORIZED'; message: string } | { kind: 'RATE_LIMITED'; error: JsonObject | null }

const UNAUTHORIZED = new Set<unknown>(['UNAUTHENTICATED', 'UNAUTHORIZED', 'INVALID_TOKEN'])
const FORBIDDEN = new Set<unknown>(['FORBIDDEN', 'PERMISSION_DENIED', 'ACCESS_DENIED', 'NOT_AUTHORIZED'])

/**
 * Reads the first three of Meetup's four layers of errors: HTTP status, top-level `errors`, a null root field. The
 * fourth, `errors` inside a mutation's payload, belongs to whoever made the mutation.
 */
export function classify(answer: PlatformResponse, operation: Operation): Classified {
  const { status } = answer
  const body = isObject(answer.json) ? answer.json : null
  const errors = body && Array.isArray(body['errors']) ? body['errors'].filter(isObject) : []
  const limited = errors.find((error) => codeOf(error) === 'RATE_LIMITED')
  if (limited || status === 429) return { kind: 'RATE_LIMITED', error: limited ?? errors[0] ?? null }
  const unauthorized = errors.find((error) => UNAUTHORIZED.has(codeOf(error)))
  if (unauthorized || status === 401) return { kind: 'UNAUTHORIZED', message: messageOf(unauthorized ?? errors[0]) }
  const forbidden = errors.find((error) => FORBIDDEN.has(codeOf(error)))
  if (forbidden || status === 403) return { kind: 'FORBIDDEN', message: messageOf(forbidden ?? errors[0]) }
  const invalid = errors.find((error) => isOurMistake(error)) ?? (body && wasNeverRun(body, errors) ? errors[0] : null)
  if (invalid) return { kind: 'REJECTED', code: 'VALIDATION_ERROR', message: messageOf(invalid) }
  if (status >= 400) return { kind: 'REJECTED', code: `HTTP_${status}`, message: messageOf(errors[0]) }
  const harmless = errors.every((error) => isBesideThePoint(error, operation))
  if (!harmless) return inDoubt(operation, messageOf(errors[0]))
  return rootField(body, operation)
}

/** An answer that tells nothing: of a write nobody knows what became. */
export function inDoubt(operation: Operation, reason: string): Extract<Failure, { kind: 'UNKNOWN' | 'UNAVAILABLE' }> {
  return { kind: operation.kind === 'write' ? 'UNKNOWN' : 'UNAVAILABLE', reason }
}

function rootField(body: JsonObject | null, operation: Operation): Outcome<JsonObject> {
  const value = body && isObject(body['data']) ? body['data'][operation.field] : undefined
  if (isObject(value)) return { kind: 'OK', value }
  if (operation.kind === 'write') return { kind: 'UNKNOWN', reason: `Meetup's answer has no data.${operation.field}` }
  if (value === null) {
    return {
      kind: 'GONE',
      message: 'Meetup knows no such event, or shows it to nobody here; recurring events may change their id',
    }
  }
  return {
    kind: 'REJECTED',
    code: 'CONTRACT',
    message: `Meetup's answer does not fit: data.${operation.field} is missing`,
  }
}

const OUR_MISTAKES = new Set<unknown>([
  'ValidationError',
  'InvalidSyntax',
  'GRAPHQL_VALIDATION_FAILED',
  'GRAPHQL_PARSE_FAILED',
  'BAD_USER_INPUT',
])

function isOurMistake(error: JsonObject): boolean {
  const extensions = isObject(error['extensions']) ? error['extensions'] : {}
  return OUR_MISTAKES.has(extensions['classification']) || OUR_MISTAKES.has(extensions['code'])
}

/** Errors that name places in the query but none in the data, and no data: so GraphQL refuses what it has not begun. */
function wasNeverRun(body: JsonObject, errors: readonly JsonObject[]): boolean {
  const placed = errors.every((error) => Array.isArray(error['locations']) && error['path'] === undefined)
  return errors.length > 0 && placed && !('data' in body)
}

/**
 * What is wrong with a part only: of a read with a person, whose name is all that is lacking then; of a write with what
 * is shown of the event after it, which is checked by itself.
 */
function isBesideThePoint(error: JsonObject, { kind }: Operation): boolean {
  const path: unknown[] = Array.isArray(error['path']) ? error['path'] : []
  return kind === 'write' ? path.length > 1 : path.includes('member')
}

function codeOf(error: JsonObject): unknown {
  const code = isObject(error['extensions']) ? error['extensions']['code'] : undefined
  return typeof code === 'string' ? code.toUpperCase() : undefined
}

function messageOf(error: JsonObject | undefined): string {
  const message = error?.['message']
  return typeof message === 'string' ? message.slice(0, 500) : 'Meetup gave no reason'
}
