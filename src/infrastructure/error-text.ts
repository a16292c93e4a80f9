/** Name and message of an error in one line of at most `most` characters, for records and alerts. */
export function inOneLine(error: unknown, most = 500): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.replaceAll(/\s+/g, ' ').slice(0, most)
}
