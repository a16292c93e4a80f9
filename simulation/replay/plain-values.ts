import { CallbackResults, TransactionNumber } from './recording.js'

/** A copy that later changes of the value do not reach. `replace`: what takes the place of an object or a function. */
export function copyOf(value: unknown, replace: (object: object) => unknown = () => null): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value
  const replaced = replace(value)
  if (replaced !== null) return replaced
  const copy = (item: unknown) => copyOf(item, replace)
  if (value instanceof TransactionNumber || value instanceof CallbackResults) return value
  if (value instanceof Date) return new Date(value)
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (value instanceof Set) return new Set([...value].map(copy))
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [copy(key), copy(item)]))
  if (Array.isArray(value)) return value.map(copy)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item)]))
}

/** Sums of fractions depend on their order. */
const SHOWN_DIGITS = 9

/**
 * A text that is the same for equal values: members by name, undefined ones left out, elements of maps and sets sorted.
 * `nameOf`: the text of a generated number.
 */
export function textOf(value: unknown, nameOf: (generated: bigint) => string = String): string {
  const text = (item: unknown): string => textOf(item, nameOf)
  if (typeof value === 'bigint') return `#${nameOf(value)}`
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toPrecision(SHOWN_DIGITS)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  if (value instanceof TransactionNumber) return 'transaction'
  if (value instanceof CallbackResults) return 'function'
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (value instanceof Set) return `set {${[...value].map(text).toSorted().join(', ')}}`
  if (value instanceof Map)
    return `map {${[...value]
      .map(([key, item]) => `${text(key)}: ${text(item)}`)
      .toSorted()
      .join(', ')}}`
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`
  const members = Object.entries(value).filter(([, item]) => item !== undefined)
  return `{${members
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => `${name}: ${text(item)}`)
    .join(', ')}}`
}

/** The generated numbers in a value, in an order that does not depend on that of its members. */
export function generatedIn(value: unknown): bigint[] {
  if (typeof value === 'bigint') return [value]
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return []
  if (value instanceof Map) return [...value].flatMap(generatedIn)
  if (value instanceof Set) return [...value].flatMap(generatedIn)
  if (Array.isArray(value)) return value.flatMap(generatedIn)
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return members.flatMap(([, item]) => generatedIn(item))
}
