import type { Failure, Outcome } from '../port.js'

export type Json = Record<string, unknown>

/** An answer lacks something that no number may be guessed for. */
export class ContractError extends Error {
  constructor(readonly field: string) {
    super(`the answer has no usable ${field}`)
  }
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function object(value: unknown, field: string): Json {
  if (!isJson(value)) throw new ContractError(field)
  return value
}

export function list(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) throw new ContractError(field)
  return value
}

/** The first of several names that holds a non-empty string: Luma's id fields have had several names. */
export function textOf(json: Json, ...names: string[]): string | null {
  for (const name of names) {
    const value = json[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}

export function requiredText(json: Json, field: string, ...names: string[]): string {
  const value = textOf(json, ...names)
  if (value === null) throw new ContractError(field)
  return value
}

const MAX_ID = 200
const NOT_IN_IDS = /[\p{Cc}\p{Surrogate}]/u

/** An id is opaque; what no column and no log line can hold is none. */
export function requiredId(json: Json, field: string, ...names: string[]): string {
  const id = requiredText(json, field, ...names)
  if (id.length > MAX_ID || NOT_IN_IDS.test(id)) throw new ContractError(field)
  return id
}

/** Text that people typed, made well-formed: without U+0000, and without halves of characters. */
export function typedText(json: Json, ...names: string[]): string | null {
  return (
    textOf(json, ...names)
      ?.replaceAll('\u0000', '')
      .replaceAll(/\p{Surrogate}/gu, '\uFFFD') ?? null
  )
}

export function instantOf(json: Json, name: string): Date | null {
  const text = textOf(json, name)
  const instant = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(instant) ? null : new Date(instant)
}

export const ok = <T>(value: T): Outcome<T> => ({ kind: 'OK', value })

export const unavailable = (reason: string): Failure => ({ kind: 'UNAVAILABLE', reason })

export const rejected = (code: string, message: string): Failure => ({ kind: 'REJECTED', code, message })

/**
 * A failure that came after another write of the same operation was acknowledged: something did change, so no kind
 * that means "nothing changed" may be handed on.
 */
export function afterWrite(failure: Failure): Failure {
  const detail = 'reason' in failure ? failure.reason : 'message' in failure ? failure.message : 'throttled'
  const reason = `a later part of the write failed: ${failure.kind} ${detail}`
  return { kind: 'UNKNOWN', reason, answered: failure.kind !== 'UNKNOWN' || failure.answered === true }
}
