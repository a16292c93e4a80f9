import { isWellFormed } from './well-formed.js'

export interface TextFault {
  /** Dotted path of the field that holds the text (`channels.0.label`). */
  field: string
  message: string
}

/** Levels of objects and lists within each other. */
const DEEPEST = 100

/**
 * The first text of a parsed JSON value, names of fields included, that cannot be stored; null: there is none. Judges
 * what was meant, not how it was written: `C:\\u0000` in JSON is a backslash and five more characters.
 */
export function findTextFault(value: unknown): TextFault | null {
  const waiting: { field: string; value: unknown; depth: number }[] = [{ field: '', value, depth: 0 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { field, value: found, depth } = next
    if (typeof found === 'string' && !isWellFormed(found)) return { field, message: messageOf(found) }
    if (typeof found !== 'object' || found === null) continue
    if (depth === DEEPEST) return { field, message: `is nested more than ${DEEPEST} levels deep` }
    for (const [name, part] of Object.entries(found)) {
      if (!isWellFormed(name))
        return { field: field || 'body', message: 'has a field whose name is not well-formed text' }
      waiting.push({ field: field === '' ? name : `${field}.${name}`, value: part, depth: depth + 1 })
    }
  }
  return null
}

function messageOf(text: string): string {
  return text.includes('\u0000') ? 'must not contain NUL characters' : 'must not contain halves of surrogate pairs'
}
