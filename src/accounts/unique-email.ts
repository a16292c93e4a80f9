import { StateConflict } from '../domain/errors.js'
import { isUniqueViolation } from '../infrastructure/errors/unique-violation.js'

/** The form in which addresses are stored and compared. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase()
}

/** Rethrows a unique violation of the e-mail address as StateConflict, and other errors unchanged. */
export function rethrowEmailConflict(error: unknown): never {
  if (isUniqueViolation(error)) {
    throw new StateConflict('An account with this e-mail address already exists.', { cause: error })
  }
  throw error
}
