import { StateConflict } from '../domain/errors.js'

/** The form in which an address is stored and compared. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase()
}

/** Turns the database's refusal of a second account with one e-mail address into one the caller understands. */
export function explainTakenEmail(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === 'P2002') {
    throw new StateConflict('There is already an account with this e-mail address.', { cause: error })
  }
  throw error
}
