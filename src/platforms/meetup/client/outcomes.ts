import type { PlatformResponse } from '../../http/platform-http.js'
import type { Failure, Outcome } from '../../port.js'
import { ok, rejected } from '../../kit/outcomes.js'
import { ContractError, isObject, type JsonObject } from '../../kit/response-shape.js'
import type { Operation } from './operations.js'

/** A response before an expired token or an exceeded rate limit is handled. */
export type Classified =
  Outcome<JsonObject> | { kind: 'UNAUTHORIZED'; message: string } | { kind: 'RATE_LIMITED'; error: JsonObject | null }

const UNAUTHORIZED = new Set<unknown>(['UNAUTHENTICATED', 'UNAUTHORIZED', 'INVALID_TOKEN'])
const FORBIDDEN = new Set<unknown>(['FORBIDDEN', 'PERMISSION_DENIED', 'ACCESS_DENIED', 'NOT_AUTHORIZED'])

/**
 * Handles the first three of Meetup's four layers of errors: HTTP status, top-level `errors`, a null root field. The
 * fourth, `errors` inside a mutation's payload, is handled by the caller of the mutation.
 */
export function classifyResponse(response: PlatformResponse, operation: Operation): Classified {
  const { status } = response
  const body = isObject(response.json) ? response.json : null
  const errors = body && Array.isArray(body['errors']) ? body['errors'].filter(isObject) : []
  const limited = errors.find((error) => codeOf(error) === 'RATE_LIMITED')
  if (limited || status === 429) return { kind: 'RATE_LIMITED', error: limited ?? errors[0] ?? null }
  const unauthorized = errors.find((error) => UNAUTHORIZED.has(codeOf(error)))
  if (unauthorized || status === 401) return { kind: 'UNAUTHORIZED', message: messageOf(unauthorized ?? errors[0]) }
  const forbidden = errors.find((error) => FORBIDDEN.has(codeOf(error)))
  if (forbidden || status === 403) return { kind: 'FORBIDDEN', message: messageOf(forbidden ?? errors[0]) }
  const invalid =
    errors.find((error) => isInvalidRequest(error)) ?? (body && wasNotExecuted(body, errors) ? errors[0] : null)
  if (invalid) return rejected('VALIDATION_ERROR', messageOf(invalid))
  if (status >= 400) return rejected(`HTTP_${status}`, messageOf(errors[0]))
  const ignorable = errors.every((error) => isIgnorable(error, operation))
  if (!ignorable) return unknownResult(operation, messageOf(errors[0]))
  return rootField(body, operation)
}

/** An inconclusive response: the outcome of a write is unknown, a read is unavailable. */
export function unknownResult(
  operation: Operation,
  reason: string,
): Extract<Failure, { kind: 'UNKNOWN' | 'UNAVAILABLE' }> {
  return { kind: operation.kind === 'write' ? 'UNKNOWN' : 'UNAVAILABLE', reason }
}

function rootField(body: JsonObject | null, operation: Operation): Outcome<JsonObject> {
  const value = body && isObject(body['data']) ? body['data'][operation.field] : undefined
  if (isObject(value)) return ok(value)
  if (operation.kind === 'write') return { kind: 'UNKNOWN', reason: `Meetup's response has no data.${operation.field}` }
  if (value === null) {
    return {
      kind: 'GONE',
      message: 'Meetup has no such event, or the account may not see it; the id of a recurring event may change',
    }
  }
  return rejected('CONTRACT', new ContractError(`data.${operation.field}`).message)
}

const INVALID_REQUEST_CODES = new Set<unknown>([
  'ValidationError',
  'InvalidSyntax',
  'GRAPHQL_VALIDATION_FAILED',
  'GRAPHQL_PARSE_FAILED',
  'BAD_USER_INPUT',
])

function isInvalidRequest(error: JsonObject): boolean {
  const extensions = isObject(error['extensions']) ? error['extensions'] : {}
  return INVALID_REQUEST_CODES.has(extensions['classification']) || INVALID_REQUEST_CODES.has(extensions['code'])
}

/** Errors with locations but without paths, and no data: GraphQL refused the request before executing it. */
function wasNotExecuted(body: JsonObject, errors: readonly JsonObject[]): boolean {
  const onlyLocations = errors.every((error) => Array.isArray(error['locations']) && error['path'] === undefined)
  return errors.length > 0 && onlyLocations && !('data' in body)
}

/**
 * Errors that concern only a part of the response: for a read a member, whose name is optional; for a write the event
 * returned with it, which is checked separately.
 */
function isIgnorable(error: JsonObject, { kind }: Operation): boolean {
  const path: unknown[] = Array.isArray(error['path']) ? error['path'] : []
  return kind === 'write' ? path.length > 1 : path.includes('member')
}

function codeOf(error: JsonObject): unknown {
  const code = isObject(error['extensions']) ? error['extensions']['code'] : undefined
  return typeof code === 'string' ? code.toUpperCase() : undefined
}

function messageOf(error: JsonObject | undefined): string {
  const message = error?.['message']
  return typeof message === 'string' ? message.slice(0, 500) : 'no reason given by Meetup'
}
