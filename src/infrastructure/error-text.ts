/** Name and message of an error in one line of at most `maxLength` characters, for records and alerts. */
export function toSingleLine(error: unknown, maxLength = 500): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.replaceAll(/\s+/g, ' ').slice(0, maxLength)
}
