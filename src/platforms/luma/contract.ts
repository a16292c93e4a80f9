export type JsonObject = Record<string, unknown>

/** A response lacks a field whose value must not be guessed. */
export class ContractError extends Error {
  constructor(readonly field: string) {
    super(`the response has no usable ${field}`)
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function requireObject(value: unknown, field: string): JsonObject {
  if (!isObject(value)) throw new ContractError(field)
  return value
}

export function requireArray(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) throw new ContractError(field)
  return value
}

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

const MAX_ID_LENGTH = 200
const INVALID_ID_CHARACTERS = /[\p{Cc}\p{Surrogate}]/u

/** Ids are opaque; text that no column or log line can store is not an id. */
export function requireId(json: JsonObject, field: string, ...names: string[]): string {
  const id = requireText(json, field, ...names)
  if (id.length > MAX_ID_LENGTH || INVALID_ID_CHARACTERS.test(id)) throw new ContractError(field)
  return id
}

/** User input, sanitized to well-formed text: without U+0000 and lone surrogates. */
export function optionalFreeText(json: JsonObject, ...names: string[]): string | null {
  return (
    optionalText(json, ...names)
      ?.replaceAll('\u0000', '')
      .replaceAll(/\p{Surrogate}/gu, '\uFFFD') ?? null
  )
}

export function optionalInstant(json: JsonObject, name: string): Date | null {
  const text = optionalText(json, name)
  const instant = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(instant) ? null : new Date(instant)
}
