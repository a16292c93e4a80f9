import { isWellFormed } from './well-formed.js'

export interface InvalidText {
  /** Dotted path of the field with the text (`channels.0.label`). */
  field: string
  message: string
}

/** Levels of nested objects and lists. */
const MAX_DEPTH = 100

/**
 * The first text of a parsed JSON value, including field names, that cannot be stored; null if there is none. Checks the
 * decoded text: `C:\\u0000` in JSON is a backslash and five more characters.
 */
export function findInvalidText(value: unknown): InvalidText | null {
  const pending: { field: string; value: unknown; depth: number }[] = [{ field: '', value, depth: 0 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { field, value: found, depth } = next
    if (typeof found === 'string' && !isWellFormed(found)) return { field, message: messageOf(found) }
    if (typeof found !== 'object' || found === null) continue
    if (depth === MAX_DEPTH) return { field, message: `is nested more than ${MAX_DEPTH} levels deep` }
    for (const [name, part] of Object.entries(found)) {
      if (!isWellFormed(name))
        return { field: field || 'body', message: 'has a field whose name is not well-formed text' }
      pending.push({ field: field === '' ? name : `${field}.${name}`, value: part, depth: depth + 1 })
    }
  }
  return null
}

function messageOf(text: string): string {
  return text.includes('\u0000') ? 'must not contain NUL characters' : 'must not contain halves of surrogate pairs'
}
