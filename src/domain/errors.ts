/** Error codes of the API contract. */
export type ErrorCode =
  | 'VALIDATION_FAILED'
  | 'UNAUTHENTICATED'
  | 'TOTP_REQUIRED'
  | 'TOTP_INVALID'
  | 'SIGNATURE_INVALID'
  | 'FORBIDDEN'
  | 'EMAIL_UNVERIFIED'
  | 'NOT_FOUND'
  | 'SOLD_OUT'
  | 'SEAT_TAKEN'
  | 'IDEMPOTENCY_CONFLICT'
  | 'STATE_CONFLICT'
  | 'NOT_COMPOSABLE'
  | 'HOLD_EXPIRED'
  | 'PAYLOAD_TOO_LARGE'
  | 'RATE_LIMITED'
  | 'FAIL_SAFE'
  | 'UNAVAILABLE'

/** One bad field: its dotted path (`channels.0.weight`) and what is wrong with it. */
export interface FieldError {
  field: string
  message: string
}

export interface ErrorExtras {
  errors?: readonly FieldError[]
  /** Whole seconds after which the client should retry. */
  retryAfterSeconds?: number
  cause?: unknown
}

/** An error returned to the caller: a code and a sentence without internals. */
export abstract class DomainError extends Error {
  abstract readonly code: ErrorCode
  readonly errors: readonly FieldError[] | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(detail: string, { errors, retryAfterSeconds, cause }: ErrorExtras = {}) {
    super(detail, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.errors = errors
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export class ValidationFailed extends DomainError {
  readonly code = 'VALIDATION_FAILED'

  /** A validation error for a single field. */
  static of(field: string, message: string): ValidationFailed {
    return new ValidationFailed(`${field} ${message}`, { errors: [{ field, message }] })
  }
}

export class Unauthenticated extends DomainError {
  readonly code = 'UNAUTHENTICATED'
}

/** The password is right; the code of the second factor is missing. */
export class TotpRequired extends DomainError {
  readonly code = 'TOTP_REQUIRED'
}

/** The code of the second factor is wrong, or was used already. */
export class TotpInvalid extends DomainError {
  readonly code = 'TOTP_INVALID'
}

export class SignatureInvalid extends DomainError {
  readonly code = 'SIGNATURE_INVALID'
}

export class Forbidden extends DomainError {
  readonly code = 'FORBIDDEN'
}

export class EmailUnverified extends DomainError {
  readonly code = 'EMAIL_UNVERIFIED'
}

export class NotFound extends DomainError {
  readonly code = 'NOT_FOUND'
}

export class SoldOut extends DomainError {
  readonly code = 'SOLD_OUT'
}

export class SeatTaken extends DomainError {
  readonly code = 'SEAT_TAKEN'
}

export class IdempotencyConflict extends DomainError {
  readonly code = 'IDEMPOTENCY_CONFLICT'
}

export class StateConflict extends DomainError {
  readonly code = 'STATE_CONFLICT'
}

/** A mail cannot be composed again: its recipient is erased, or what it was about has changed. */
export class NotComposable extends DomainError {
  readonly code = 'NOT_COMPOSABLE'
}

export class HoldExpired extends DomainError {
  readonly code = 'HOLD_EXPIRED'
}

export class PayloadTooLarge extends DomainError {
  readonly code = 'PAYLOAD_TOO_LARGE'
}

export class RateLimited extends DomainError {
  readonly code = 'RATE_LIMITED'
}

export class FailSafe extends DomainError {
  readonly code = 'FAIL_SAFE'
}

export class Unavailable extends DomainError {
  readonly code = 'UNAVAILABLE'
}

export const eventNotFound = (cause?: unknown) => new NotFound('There is no such event.', { cause })
