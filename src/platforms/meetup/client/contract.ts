import { ContractError, isWholeNumber } from '../../kit/response-shape.js'

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
  return isWholeNumber(value) && value <= MAX_INT
}
