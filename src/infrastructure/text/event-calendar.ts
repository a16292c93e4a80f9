import type { Event } from '../../domain/event-record.js'
import { endOf } from '../../domain/events/event-state.js'
import { calendarOf } from './icalendar.js'

export const CALENDAR_TYPE = 'text/calendar; charset=utf-8'

type CalendarFields = Pick<Event, 'id' | 'name' | 'venue' | 'startsAt' | 'endsAt' | 'updatedAt'>

/** The event as a calendar file. `publicUrl`: of this service; with it the event is the same one in every file. */
export function eventCalendar(event: CalendarFields, publicUrl: string): Buffer {
  const { id, name: summary, venue: location, startsAt, updatedAt: changedAt } = event
  const uid = `${id}@${new URL(publicUrl).hostname}`
  return Buffer.from(calendarOf({ uid, changedAt, startsAt, endsAt: endOf(event), summary, location }))
}
