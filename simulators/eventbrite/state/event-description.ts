import { badArgument, rejection } from '../errors.js'
import type { SimulatedEvent } from './model.js'

type Fields = Record<string, unknown>

/** Name and times of an event after an update. @throws Rejection, also for a field that this simulator does not know */
export function eventDescription(
  { name, start, end }: SimulatedEvent,
  fields: Fields,
): Pick<SimulatedEvent, 'name' | 'start' | 'end'> {
  const unknown = Object.keys(fields).find((field) => !['capacity', 'name', 'start', 'end'].includes(field))
  if (unknown !== undefined) throw badArgument(`event.${unknown}`, 'UNKNOWN')
  const after = {
    name: fields.name === undefined ? name : textOf(fields.name),
    start: fields.start === undefined ? start : instantOf('start', fields.start),
    end: fields.end === undefined ? end : instantOf('end', fields.end),
  }
  if (after.end <= after.start) throw rejection(400, 'DATE_CONFLICT', 'End date must be after start date')
  return after
}

function textOf(value: unknown): string {
  const html = isFields(value) ? value.html : undefined
  if (typeof html !== 'string' || html.trim() === '') throw badArgument('event.name')
  return html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

/** Both the time zone and the time in UTC, in whole seconds, are required. */
function instantOf(field: string, value: unknown): number {
  const { utc, timezone } = isFields(value) ? value : {}
  const valid = typeof utc === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(utc)
  if (!valid || typeof timezone !== 'string') throw badArgument(`event.${field}`)
  return Date.parse(utc)
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
