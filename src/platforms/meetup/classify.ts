import type { PlatformAnswer } from '../http/platform-http.js'
import type { Failure, Outcome } from '../port.js'
import { isObject, type JsonObject } from './contract.js'
import type { Operation } from './operations.js'

/** What an answer amounts to before the token or the budget is looked after. */
export type Classified =
  Outcome<JsonObject> | { kind: 'UNAUTHORIZED'; message: string } | { kind: 'RATE_LIMITED'; error: JsonObject | null }

/**
 * Reads the first three of Meetup's four layers of errors: HTTP status, top-level `errors`, a null root field. The
 * fourth, `errors` inside a mutation's payload, belongs to whoever made the mutation.
 */
export function classify(answer: PlatformAnswer, operation: Operation): Classified {
  const { status } = answer
  const body = isObject(answer.json) ? answer.json : null
  const errors = body && Array.isArray(body['errors']) ? body['errors'].filter(isObject) : []
  const limited = errors.find((error) => codeOf(error) === 'RATE_LIMITED')
  if (limited || status === 429) return { kind: 'RATE_LIMITED', error: limited ?? errors[0] ?? null }
  const unauthorized = errors.find((error) => codeOf(error) === 'UNAUTHENTICATED')
  if (unauthorized || status === 401) return { kind: 'UNAUTHORIZED', message: messageOf(unauthorized ?? errors[0]) }
  const forbidden = errors.find((error) => codeOf(error) === 'FORBIDDEN')
  if (forbidden || status === 403) return { kind: 'FORBIDDEN', message: messageOf(forbidden ?? errors[0]) }
  const invalid = errors.find((error) => isOurMistake(error))
  if (invalid) return { kind: 'REJECTED', code: 'VALIDATION_ERROR', message: messageOf(invalid) }
  if (status >= 400) return { kind: 'REJECTED', code: `HTTP_${status}`, message: messageOf(errors[0]) }
  if (errors.length > 0) return inDoubt(operation, messageOf(errors[0]))
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

function isOurMistake(error: JsonObject): boolean {
  const extensions = isObject(error['extensions']) ? error['extensions'] : {}
  return extensions['classification'] === 'ValidationError' || extensions['classification'] === 'InvalidSyntax'
}

function codeOf(error: JsonObject): unknown {
  return isObject(error['extensions']) ? error['extensions']['code'] : undefined
}

function messageOf(error: JsonObject | undefined): string {
  const message = error?.['message']
  return typeof message === 'string' ? message.slice(0, 500) : 'Meetup gave no reason'
}
