/** One event of a calendar. */
export interface CalendarEvent {
  /** Unique in the world, and the same at every export. */
  uid: string
  /** When it last changed. */
  changedAt: Date
  startsAt: Date
  endsAt: Date
  summary: string
  location: string | null
}

/** A calendar of one event (RFC 5545). Times are in UTC: the reader shows them in its own zone. */
export function calendarOf({ uid, changedAt, startsAt, endsAt, summary, location }: CalendarEvent): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Traffic Police//Events//EN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${textOf(uid)}`,
    `DTSTAMP:${timeOf(changedAt)}`,
    `DTSTART:${timeOf(startsAt)}`,
    `DTEND:${timeOf(endsAt)}`,
    `SUMMARY:${textOf(summary)}`,
    ...(location === null ? [] : [`LOCATION:${textOf(location)}`]),
    'END:VEVENT',
    'END:VCALENDAR',
  ]
  return lines.map((line) => `${folded(line)}\r\n`).join('')
}

function timeOf(instant: Date): string {
  return instant.toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
}

function textOf(text: string): string {
  return text.replaceAll(/[\\;,]/g, String.raw`\$&`).replaceAll(/\r\n|\r|\n/g, String.raw`\n`)
}

const MAX_LINE_BYTES = 75

/** RFC 5545 folding: a line longer than 75 bytes continues in the next one, after a space; no character is split. */
function folded(line: string): string {
  let result = ''
  let bytes = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (bytes + size > MAX_LINE_BYTES) {
      result += '\r\n '
      bytes = 1
    }
    result += character
    bytes += size
  }
  return result
}
