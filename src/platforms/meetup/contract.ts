import type { Failure } from '../port.js'

export type JsonObject = Record<string, unknown>

/** A response lacks a field whose value must not be guessed. Never leaves this folder. */
export class ContractError extends Error {
  constructor(
    readonly field: string,
    expected: string,
  ) {
    super(`${field}: expected ${expected}`)
  }

  get failure(): Extract<Failure, { kind: 'REJECTED' }> {
    return { kind: 'REJECTED', code: 'CONTRACT', message: `unexpected response from Meetup: ${this.message}` }
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function requireObject(value: unknown, field: string): JsonObject {
  if (!isObject(value)) throw new ContractError(field, 'an object')
  return value
}

export function requireArray(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) throw new ContractError(field, 'a list')
  return value
}

/** Ids are text, occasionally numbers. */
export function requireId(value: unknown, field: string): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (typeof value !== 'string' || value.length === 0 || value.length > 200) throw new ContractError(field, 'an id')
  return value
}

export function requireText(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new ContractError(field, 'a text')
  return value
}

export function requireCount(value: unknown, field: string): number {
  if (!isCount(value)) throw new ContractError(field, 'a whole number of 0 or more')
  return value
}

/** For optional counts: null for anything but a count. */
export function countOrNull(value: unknown): number | null {
  return isCount(value) ? value : null
}

/** The largest number that the platform's own schema can hold (GraphQL `Int`). */
export const MAX_INT = 2_147_483_647

const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/

/** A time with its zone, as ms since the epoch: the times of one response may be in different zones. */
export function requireInstant(value: unknown, field: string): number {
  const ms = typeof value === 'string' && ZONED.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw new ContractError(field, 'a time with a zone')
  return ms
}

/** Null stays null; a missing field throws. */
export function requireInstantOrNull(value: unknown, field: string): number | null {
  return value === null ? null : requireInstant(value, field)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_INT
}
