import { ValidateIf } from 'class-validator'

/** The field may be omitted. Null does not count as omitted: it is validated like any other value. */
export function Optional(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined)
}
