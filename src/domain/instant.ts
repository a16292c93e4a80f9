/** Range of instants that the API accepts: every store and client can represent them. */
export const EARLIEST_INSTANT = Date.UTC(1970, 0, 1)
export const LATEST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/i

/**
 * Parses an RFC 3339 date-time, to the millisecond. Null: malformed, a day or hour that does not exist, or outside
 * 1970 to 9999 (UTC). ISO 8601 allows more forms (weeks, ordinals, basic) that clients interpret differently.
 */
export function parseInstant(text: string): Date | null {
  const match = RFC_3339.exec(text)
  if (!match) return null
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [, , , , , , , fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match
  if (hour > 23 || minute > 59 || second > 59 || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return null
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'))
  // Date.UTC maps years below 100 to the 20th century.
  if (year < 100) return null
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds))
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return null
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === '-' ? -1 : 1)
  const instant = local.getTime() - offsetMs
  return instant >= EARLIEST_INSTANT && instant <= LATEST_INSTANT ? new Date(instant) : null
}
