import { MAX_CAP, type CapReading } from '../port.js'

/** A response lacks a field whose value must not be guessed. */
export class ContractError extends Error {
  constructor(readonly field: string) {
    super(`the response has no usable "${field}"`)
  }
}

export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function requireObject(value: unknown, field: string): JsonObject {
  if (!isObject(value)) throw new ContractError(field)
  return value
}

export function requireArray(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) throw new ContractError(field)
  return value as unknown[]
}

/** A count: a non-negative whole number of tickets, at most `MAX_CAP`. */
export function requireCount(source: JsonObject, key: string, where: string): number {
  const value = source[key]
  if (!isWholeNumber(value) || value > MAX_CAP) throw new ContractError(`${where}.${key}`)
  return value
}

/** A limit: a non-negative whole number of tickets; above `MAX_CAP` it is `UNLIMITED`. */
export function requireLimit(source: JsonObject, key: string, where: string): Exclude<CapReading, null> {
  const value = source[key]
  if (!isWholeNumber(value)) throw new ContractError(`${where}.${key}`)
  return value > MAX_CAP ? 'UNLIMITED' : value
}

function isWholeNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}

/** Ids are opaque text; some clients have received numbers. Text that cannot be stored or requested is not an id. */
export function requireId(source: JsonObject, key: string, where: string): string {
  const value = source[key]
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (typeof value !== 'string' || !isId(value)) throw new ContractError(`${where}.${key}`)
  return value
}

/** 1 to 200 characters without control characters and lone surrogates. */
export function isId(text: string): boolean {
  return text !== '' && text.length <= 200 && !/\p{Cc}|\p{Cs}/u.test(text)
}

/** An id that may be missing. */
export function optionalId(source: JsonObject, key: string): string | null {
  return source[key] === undefined || source[key] === null || source[key] === '' ? null : requireId(source, key, key)
}

/** Well-formed text without U+0000, which PostgreSQL rejects. */
export function optionalText(source: JsonObject, key: string): string | null {
  const value = source[key]
  if (typeof value !== 'string') return null
  const text = value.replaceAll('\u0000', '').replaceAll(/\p{Cs}/gu, '\ufffd')
  return text === '' ? null : text
}

export function optionalInstant(source: JsonObject, key: string): Date | null {
  const value = optionalText(source, key)
  const instant = value === null ? Number.NaN : Date.parse(value)
  return Number.isNaN(instant) ? null : new Date(instant)
}

export function requireInstant(source: JsonObject, key: string, where: string): Date {
  const instant = optionalInstant(source, key)
  if (instant === null) throw new ContractError(`${where}.${key}`)
  return instant
}
