import {
  ContractError,
  instantOf,
  isWholeNumber,
  requireId,
  storableText,
  type JsonObject,
} from '../../kit/response-shape.js'
import { MAX_CAP, type CapReading } from '../../port.js'

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

/** An id that may be missing. */
export function optionalId(source: JsonObject, key: string): string | null {
  return source[key] === undefined || source[key] === null || source[key] === '' ? null : requireId(source[key], key)
}

/** Well-formed text; null where it is missing or empty. */
export function optionalText(source: JsonObject, key: string): string | null {
  const value = source[key]
  return (typeof value === 'string' && storableText(value)) || null
}

export function optionalInstant(source: JsonObject, key: string): Date | null {
  return instantOf(optionalText(source, key))
}

export function requireInstant(source: JsonObject, key: string, where: string): Date {
  const instant = optionalInstant(source, key)
  if (instant === null) throw new ContractError(`${where}.${key}`)
  return instant
}
