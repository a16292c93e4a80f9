import type { Failure } from '../port.js'

export type JsonObject = Record<string, unknown>

/** An answer lacks something without which no number may be told. Never leaves this folder. */
export class ContractError extends Error {
  constructor(
    readonly field: string,
    expected: string,
  ) {
    super(`${field}: expected ${expected}`)
  }

  get failure(): Extract<Failure, { kind: 'REJECTED' }> {
    return { kind: 'REJECTED', code: 'CONTRACT', message: `Meetup's answer does not fit: ${this.message}` }
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function asObject(value: unknown, field: string): JsonObject {
  if (!isObject(value)) throw new ContractError(field, 'an object')
  return value
}

export function asList(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) throw new ContractError(field, 'a list')
  return value
}

/** Ids come as text, now and then as numbers. */
export function asId(value: unknown, field: string): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (typeof value !== 'string' || value.length === 0 || value.length > 200) throw new ContractError(field, 'an id')
  return value
}

export function asText(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new ContractError(field, 'a text')
  return value
}

export function asCount(value: unknown, field: string): number {
  if (!isCount(value)) throw new ContractError(field, 'a whole number of 0 or more')
  return value
}

/** For what is nice to know: anything else than a count is null. */
export function countOrNull(value: unknown): number | null {
  return isCount(value) ? value : null
}

/** The largest number that the platform's own schema can hold (GraphQL `Int`). */
export const MAX_INT = 2_147_483_647

const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/

/** A time with its zone, as ms since the epoch: the texts of one answer may be in different zones. */
export function asInstant(value: unknown, field: string): number {
  const ms = typeof value === 'string' && ZONED.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw new ContractError(field, 'a time with a zone')
  return ms
}

/** Null stays null; a missing field is no time. */
export function asInstantOrNull(value: unknown, field: string): number | null {
  return value === null ? null : asInstant(value, field)
}

/** Runs `read` on an answer; what it misses becomes REJECTED, code CONTRACT. */
export function withinContract<T>(read: () => T): { kind: 'OK'; value: T } | Extract<Failure, { kind: 'REJECTED' }> {
  try {
    return { kind: 'OK', value: read() }
  } catch (error) {
    if (error instanceof ContractError) return error.failure
    throw error
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_INT
}
