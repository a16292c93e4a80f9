const WORDS: Record<string, string> = { title: 'title', startsAt: 'start', endsAt: 'end', cancellation: 'cancellation' }

/** Names of fields as people read them. */
export function wordsOf(fields: readonly string[]): string {
  return fields.map((field) => WORDS[field] ?? field).join(', ')
}
