/** An instant as the value of a `datetime-local` input, `2030-01-01T18:00`, in a time zone. */
export function toZonedTime(instant: string, zone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  return parts.format(new Date(instant)).replace(' ', 'T')
}

/** The instant of such a value, RFC 3339 UTC. A time that a clock change skips is moved by the change. */
export function fromZonedTime(value: string, zone: string): string {
  const wall = Date.parse(`${value}Z`)
  const offsetAt = (instant: number) => Date.parse(`${toZonedTime(new Date(instant).toISOString(), zone)}Z`) - instant
  // The offset near a clock change depends on the result: the second step has it.
  const near = wall - offsetAt(wall)
  return new Date(wall - offsetAt(near)).toISOString()
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
