import { z } from 'zod'

/** What a user is shown of a variable. */
export interface VariableInfo {
  /** One sentence; it names the unit of a number. */
  description: string
  /** A valid value, or a placeholder in angle brackets. */
  example: string
  /** The text that is parsed when the variable is not set; null: there is none, see `unset`. */
  default: string | null
  /** What applies when the variable is not set, in words. */
  unset: string
  /** Its value must not be shown or committed. */
  isSecret: boolean
}

interface Declaration {
  description: string
  example?: string
  isSecret?: boolean
}

/** The info of every declared variable, by its schema. */
export const variableInfo = z.registry<VariableInfo>()

/** A variable that has a value when it is not set: `default`, which is also its example unless another is given. */
export function variable<T>(parser: z.ZodType<T, string>, info: Declaration & { default: string }) {
  const { description, example = info.default, isSecret = false } = info
  return parser
    .prefault(info.default)
    .register(variableInfo, { description, example, default: info.default, unset: '', isSecret })
}

/** A variable that is null when it is not set; `unset` describes what the service does then. */
export function optional<T>(parser: z.ZodType<T, string>, info: Declaration & { example: string; unset?: string }) {
  const { description, example, unset = 'not set', isSecret = false } = info
  return parser
    .nullable()
    .default(null)
    .register(variableInfo, { description, example, default: null, unset, isSecret })
}

/** A secret, null when it is not set. Without an example of its own it has no valid value that could be shown. */
export function secret<T>(
  parser: z.ZodType<T, string>,
  info: { description: string; example?: string; unset?: string },
) {
  return optional(parser, { example: '<the secret>', ...info, isSecret: true })
}
