import { ValidateBy } from 'class-validator'
import { parseInstant } from '../../../domain/instant.js'

/** Validates an RFC 3339 date-time; parse it with `toInstant`. */
export function IsInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && parseInstant(value) !== null,
      defaultMessage: () => '$property must be an RFC 3339 instant with a zone, such as 2026-12-10T18:00:00Z',
    },
  })
}

/** @throws Error for text that `IsInstant` rejects */
export function toInstant(text: string): Date {
  const instant = parseInstant(text)
  if (!instant) throw new Error(`${text} is not an instant`)
  return instant
}
