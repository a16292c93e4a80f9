import { Transform } from 'class-transformer'
import { ValidateBy } from 'class-validator'
import type { EnvParser } from './env-parsers.js'

/** Placeholder for a value that could not be parsed. */
class InvalidValue {
  constructor(readonly problem: string) {}
}

/**
 * Declares a property as an environment variable: `parser` parses its text, and an invalid one is reported with
 * `example`. An empty text counts as unset, so the property keeps its default.
 */
export function Variable<T>(parser: EnvParser<T>, example: string): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) => parseOrExplain(parser, value))(target, property)
    ValidateBy(
      {
        name: 'variable',
        validator: {
          validate: (value: unknown) => !(value instanceof InvalidValue),
          defaultMessage: (args) => (args?.value instanceof InvalidValue ? args.value.problem : 'cannot be parsed'),
        },
      },
      { context: { example } },
    )(target, property)
  }
}

function parseOrExplain<T>(parser: EnvParser<T>, value: unknown): T | InvalidValue {
  try {
    return parser.parse(String(value))
  } catch (error) {
    return new InvalidValue(error instanceof Error ? error.message : 'cannot be parsed')
  }
}
