import { expect, it } from 'vitest'
import { calendarOf } from './icalendar.js'

const EVENT = {
  uid: 'evt_1@example.com',
  changedAt: new Date('2026-11-01T10:00:00.123Z'),
  startsAt: new Date('2026-12-10T18:00:00Z'),
  endsAt: new Date('2026-12-11T00:00:00Z'),
  summary: 'Party',
  location: null,
}
const unfolded = (text: string) => text.replaceAll('\r\n ', '').split('\r\n')

it('A calendar has the event with its times in UTC', () => {
  expect(calendarOf(EVENT)).toBe(
    [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Traffic Police//Events//EN',
      'METHOD:PUBLISH',
      'BEGIN:VEVENT',
      'UID:evt_1@example.com',
      'DTSTAMP:20261101T100000Z',
      'DTSTART:20261210T180000Z',
      'DTEND:20261211T000000Z',
      'SUMMARY:Party',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ].join('\r\n'),
  )
})

it('A calendar escapes text, so that it cannot add lines or values', () => {
  const lines = unfolded(calendarOf({ ...EVENT, summary: 'A; B, C\\D\r\nEND:VEVENT', location: 'Hall 1, Main St.' }))
  expect(lines).toContain(String.raw`SUMMARY:A\; B\, C\\D\nEND:VEVENT`)
  expect(lines).toContain(String.raw`LOCATION:Hall 1\, Main St.`)
  expect(lines.filter((line) => line === 'END:VEVENT')).toHaveLength(1)
})

it('A calendar folds lines at 75 bytes, between characters', () => {
  const summary = 'Ünïcødé 王小明 😀 '.repeat(20)
  const text = calendarOf({ ...EVENT, summary })
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  expect(text).not.toContain('\ufffd')
  expect(unfolded(text)).toContain(`SUMMARY:${summary}`)
})
