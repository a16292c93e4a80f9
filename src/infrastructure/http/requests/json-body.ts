import { ValidationFailed } from '../../../domain/errors.js'
import { findInvalidText } from '../../text/invalid-text.js'

/** A parsed body: a JSON object with storable text. Throws ValidationFailed. */
export function jsonBody(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw ValidationFailed.of('body', 'must be a JSON object')
  }
  const invalid = findInvalidText(value)
  if (invalid) throw ValidationFailed.of(invalid.field, invalid.message)
  return value
}
