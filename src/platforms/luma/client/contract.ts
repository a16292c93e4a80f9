import { ContractError, instantOf, storableText, type JsonObject } from '../../kit/response-shape.js'

/** The first of `names` that holds a non-empty string: Luma has renamed its id fields several times. */
export function optionalText(json: JsonObject, ...names: string[]): string | null {
  for (const name of names) {
    const value = json[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}

export function requireText(json: JsonObject, field: string, ...names: string[]): string {
  const value = optionalText(json, ...names)
  if (value === null) throw new ContractError(field)
  return value
}

/** User input, as well-formed text. */
export function optionalFreeText(json: JsonObject, ...names: string[]): string | null {
  const text = optionalText(json, ...names)
  return text === null ? null : storableText(text)
}

export function optionalInstant(json: JsonObject, name: string): Date | null {
  return instantOf(optionalText(json, name))
}
