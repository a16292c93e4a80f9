import { Transform } from 'class-transformer'
import { ValidateBy } from 'class-validator'
import type { Kind } from './kinds.js'

/** Stands in for a value that could not be read. */
class Unreadable {
  constructor(readonly why: string) {}
}

/**
 * Declares a property as an environment variable: its text is read by `kind`, and a bad one is reported with `example`.
 * An empty text counts as unset, so the property keeps its default.
 */
export function Variable<T>(kind: Kind<T>, example: string): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) => readOrExplain(kind, value))(target, property)
    ValidateBy(
      {
        name: 'variable',
        validator: {
          validate: (value: unknown) => !(value instanceof Unreadable),
          defaultMessage: (args) => (args?.value instanceof Unreadable ? args.value.why : 'cannot be read'),
        },
      },
      { context: { example } },
    )(target, property)
  }
}

function readOrExplain<T>(kind: Kind<T>, value: unknown): T | Unreadable {
  try {
    return kind.read(String(value))
  } catch (error) {
    return new Unreadable(error instanceof Error ? error.message : 'cannot be read')
  }
}
