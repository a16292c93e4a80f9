import { HttpException } from '@nestjs/common'
import { DomainError, type ErrorCode, type FieldError } from '../../../domain/errors.js'
import { isDatabaseOutage } from '../../errors/database-outage.js'
import { isRedisOutage } from '../../errors/redis-outage.js'

/** `METHOD_NOT_ALLOWED`, `UNSUPPORTED_MEDIA_TYPE` and `INTERNAL_ERROR` are not domain codes. */
export type ProblemCode = ErrorCode | 'METHOD_NOT_ALLOWED' | 'UNSUPPORTED_MEDIA_TYPE' | 'INTERNAL_ERROR'

/** The body of every error response (RFC 9457). */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: ProblemCode
  instance: string
  errors?: readonly FieldError[]
}

/** The content of a problem, independent of a request, with the seconds of its `Retry-After` header. */
export type ProblemContent = Omit<Problem, 'type' | 'title' | 'instance'> & { retryAfterSeconds?: number }

const DEFINITIONS: Record<ProblemCode, { status: number; title: string; retryAfterSeconds?: number }> = {
  VALIDATION_FAILED: { status: 400, title: 'The request is not valid' },
  UNAUTHENTICATED: { status: 401, title: 'Not signed in' },
  TOTP_REQUIRED: { status: 401, title: 'The code of the authenticator app is required' },
  TOTP_INVALID: { status: 401, title: 'The code of the authenticator app is not valid' },
  SIGNATURE_INVALID: { status: 401, title: 'The signature is not valid' },
  FORBIDDEN: { status: 403, title: 'Not allowed' },
  EMAIL_UNVERIFIED: { status: 403, title: 'The e-mail address is not confirmed' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed' },
  SOLD_OUT: { status: 409, title: 'Sold out' },
  SEAT_TAKEN: { status: 409, title: 'The seat is taken' },
  IDEMPOTENCY_CONFLICT: { status: 409, title: 'The idempotency key was used for another request' },
  STATE_CONFLICT: { status: 409, title: 'Not possible in the present state' },
  NOT_COMPOSABLE: { status: 409, title: 'The mail cannot be composed again' },
  HOLD_EXPIRED: { status: 410, title: 'The hold has expired' },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The content type is not supported' },
  RATE_LIMITED: { status: 429, title: 'Too many requests', retryAfterSeconds: 60 },
  INTERNAL_ERROR: { status: 500, title: 'Internal error' },
  FAIL_SAFE: { status: 503, title: 'Sales are paused for safety', retryAfterSeconds: 5 },
  UNAVAILABLE: { status: 503, title: 'Temporarily unavailable', retryAfterSeconds: 2 },
}

const CODE_OF_STATUS = new Map<number, ProblemCode>([
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [405, 'METHOD_NOT_ALLOWED'],
  [409, 'STATE_CONFLICT'],
  [413, 'PAYLOAD_TOO_LARGE'],
  [415, 'UNSUPPORTED_MEDIA_TYPE'],
  [429, 'RATE_LIMITED'],
  [503, 'UNAVAILABLE'],
])

/** Maps a thrown value to a problem. Unknown errors become an internal error without details. */
export function findProblem(thrown: unknown): ProblemContent {
  if (thrown instanceof DomainError) {
    const { message, errors, retryAfterSeconds } = thrown
    return contentOf(thrown.code, message, errors, retryAfterSeconds)
  }
  if (isRedisOutage(thrown)) return contentOf('UNAVAILABLE', 'Redis is unavailable. Nothing was lost; try again.')
  if (isDatabaseOutage(thrown)) return contentOf('UNAVAILABLE', 'The database is unavailable. Try again.')
  const status = statusOf(thrown)
  if (status !== undefined && thrown instanceof Error) {
    const code = CODE_OF_STATUS.get(status) ?? 'VALIDATION_FAILED'
    // The framework's message repeats the path, which may contain a secret.
    const detail = status === 404 ? 'There is nothing at this address.' : thrown.message
    return { ...contentOf(code, detail), status }
  }
  return contentOf('INTERNAL_ERROR', 'An internal error occurred.')
}

/** Adds the fields that depend on the request. */
export function toProblem({ status, code, detail, errors }: ProblemContent, instance: string): Problem {
  const type = `urn:trafficpolice:problem:${code.toLowerCase().replaceAll('_', '-')}`
  return { type, title: DEFINITIONS[code].title, status, detail, code, instance, ...(errors ? { errors } : {}) }
}

function contentOf(
  code: ProblemCode,
  detail: string,
  errors?: readonly FieldError[],
  retryAfterSeconds: number | undefined = DEFINITIONS[code].retryAfterSeconds,
): ProblemContent {
  return {
    status: DEFINITIONS[code].status,
    code,
    detail,
    ...(errors ? { errors } : {}),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }
}

/** The status of a framework error that is caused by the request; undefined for internal errors. */
function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException)
    return thrown.getStatus() < 500 || thrown.getStatus() === 503 ? thrown.getStatus() : undefined
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) return undefined
  const { statusCode } = thrown
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined
}
