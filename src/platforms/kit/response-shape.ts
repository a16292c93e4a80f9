export type JsonObject = Record<string, unknown>

/** A response lacks a field whose value must not be guessed. Never leaves an adapter: `decode` makes it an outcome. */
export class ContractError extends Error {
  constructor(
    readonly field: string,
    expected?: string,
  ) {
    super(`the response has no usable "${field}"${expected === undefined ? '' : `: expected ${expected}`}`)
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws ContractError */
export function requireObject(value: unknown, field: string): JsonObject {
  if (!isObject(value)) throw new ContractError(field)
  return value
}

/** @throws ContractError */
export function requireArray(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) throw new ContractError(field)
  return value as unknown[]
}

export function isWholeNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}

/**
 * Ids are opaque text, occasionally numbers. Text that no column, URL or log line can take is not an id.
 * @throws ContractError
 */
export function requireId(value: unknown, field: string): string {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (typeof value !== 'string' || !isId(value)) throw new ContractError(field)
  return value
}

/** 1 to 200 characters without control characters and lone surrogates. */
export function isId(text: string): boolean {
  return text !== '' && text.length <= 200 && !/[\p{Cc}\p{Surrogate}]/u.test(text)
}

/** What people typed, as text that PostgreSQL can store: without U+0000 and lone surrogates. */
export function storableText(text: string): string {
  return text.replaceAll('\u0000', '').replaceAll(/\p{Surrogate}/gu, '\uFFFD')
}

/** Null: not a time. */
export function instantOf(text: string | null): Date | null {
  const instant = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(instant) ? null : new Date(instant)
}
