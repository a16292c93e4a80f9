import { applyDecorators } from '@nestjs/common'
import { IsString, Length, Matches, ValidateBy, type ValidationOptions } from 'class-validator'
import { isSingleLine } from '../../text/single-line.js'

/** Text that is repeated in mails, logs and files: no line breaks, no other control characters, nothing that reorders it. */
export function SingleLine(options?: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown) => typeof value === 'string' && isSingleLine(value)
  const defaultMessage = () => '$property must be a single line without control characters'
  return ValidateBy({ name: 'singleLine', validator: { validate, defaultMessage } }, options)
}

/** A single line of 1 to `max` characters that is not blank, such as a reason or a name. */
export function FilledLine(max: number): PropertyDecorator {
  const notBlank = Matches(/\S/, { message: '$property must not be blank' })
  return applyDecorators(IsString(), Length(1, max), SingleLine(), notBlank)
}
