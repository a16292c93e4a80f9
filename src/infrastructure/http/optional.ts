import { ValidateIf } from 'class-validator'

/** The field may be left out. Null is not leaving it out: it is checked like any other value. */
export function Optional(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined)
}
