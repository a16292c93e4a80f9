import { isWellFormed } from './well-formed.js'

/** Control characters but line breaks and tabs: people do not type them, and terminals obey them. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/

export interface InvalidText {
  /** Dotted path of the field with the text (`channels.0.label`). */
  field: string
  message: string
}

/** Levels of nested objects and lists. */
const MAX_DEPTH = 100

/**
 * The first text of a parsed JSON value, including field names, that cannot be stored or contains control characters;
 * null if there is none. Checks the
 * decoded text: `C:\\u0000` in JSON is a backslash and five more characters.
 */
export function findInvalidText(value: unknown): InvalidText | null {
  const pending: { field: string; value: unknown; depth: number }[] = [{ field: '', value, depth: 0 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { field, value: found, depth } = next
    const message = typeof found === 'string' ? problemOf(found) : null
    if (message !== null) return { field, message }
    if (typeof found !== 'object' || found === null) continue
    if (depth === MAX_DEPTH) return { field, message: `is nested more than ${MAX_DEPTH} levels deep` }
    for (const [name, part] of Object.entries(found)) {
      if (problemOf(name) !== null)
        return { field: field || 'body', message: 'has a field whose name is not well-formed text' }
      pending.push({ field: field === '' ? name : `${field}.${name}`, value: part, depth: depth + 1 })
    }
  }
  return null
}

function problemOf(text: string): string | null {
  if (text.includes('\u0000')) return 'must not contain NUL characters'
  if (!isWellFormed(text)) return 'must not contain halves of surrogate pairs'
  return CONTROL.test(text) ? 'must not contain control characters' : null
}
