import { ValidateBy } from 'class-validator'
import { parseInstant } from '../../domain/instant.js'

/** The field is an RFC 3339 date-time, for `toInstant`. */
export function IsInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && parseInstant(value) !== null,
      defaultMessage: () => '$property must be an RFC 3339 instant with a zone, such as 2026-12-10T18:00:00Z',
    },
  })
}

/** @throws Error for text that `IsInstant` does not let through */
export function toInstant(text: string): Date {
  const instant = parseInstant(text)
  if (!instant) throw new Error(`${text} is no instant`)
  return instant
}
