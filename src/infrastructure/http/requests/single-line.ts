import { ValidateBy, type ValidationOptions } from 'class-validator'
import { isSingleLine } from '../../text/single-line.js'

/** Text that is repeated in mails, logs and files: no line breaks, no other control characters, nothing that reorders it. */
export function SingleLine(options?: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown) => typeof value === 'string' && isSingleLine(value)
  const defaultMessage = () => '$property must be a single line without control characters'
  return ValidateBy({ name: 'singleLine', validator: { validate, defaultMessage } }, options)
}
