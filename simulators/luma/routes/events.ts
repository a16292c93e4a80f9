import type { Api } from '../api.js'
import { setEventCap } from '../caps.js'
import { decodeCursor, pageOf } from '../guest-listing.js'
import type { Input } from '../input.js'
import type { LumaEvent } from '../model.js'
import { eventEntryJson, eventJson, renameIds } from '../present.js'
import type { Sim } from '../sim.js'
import { LumaError } from '../store.js'
import { cancelEvent, requestCancellation } from '../cancellation.js'

/** All fields of an event update; those that this simulator has no use for are taken and forgotten. */
export const UPDATE_FIELDS = `
  event_id suppress_notifications can_register_for_multiple_tickets cover_url coordinate description_md end_at
  geo_address_json max_capacity meeting_url name name_requirement phone_number_requirement registration_questions
  reminders_disabled feedback_email show_guest_list slug start_at timezone tint_color
  visibility`
  .trim()
  .split(/\s+/)

export function eventRoutes(api: Api, sim: Sim): void {
  const names = () => sim.toggles.current.idNames
  api.get('/v1/events/get', 'events/get', (query) =>
    renameIds(eventJson(sim.store.event(query.text('event_id'))), names()),
  )
  api.post('/v1/events/update', 'events/update', (body) => updateEvent(sim, body))
  api.get('/v1/calendars/events/list', 'calendars/events/list', (query) => {
    const after = query.instant('after') ?? -Infinity
    const before = query.instant('before') ?? Infinity
    const events = [...sim.store.events.values()]
      .filter(({ startAt }) => startAt >= after && startAt < before)
      .toSorted((a, b) => a.startAt - b.startAt)
    const size = Math.min(query.wholeText('pagination_limit') ?? 50, sim.toggles.current.maxPageSize)
    const { offset } = decodeCursor(query.optionalText('pagination_cursor') ?? null)
    return renameIds(pageOf(events.map(eventEntryJson), offset, Math.max(1, size)), names())
  })
  api.post('/v1/events/cancel/request', 'events/cancel/request', (body) =>
    requestCancellation(sim, body.text('event_id')),
  )
  api.post('/v1/events/cancel', 'events/cancel', (body) => {
    cancelEvent(sim, body.text('event_id'), body.text('cancellation_token'), body.flag('should_refund'))
    return {}
  })
}

function updateEvent(sim: Sim, body: Input): Record<string, never> {
  const { waitlistApi, registrationOpenApi } = sim.toggles.current
  const fields = [...UPDATE_FIELDS]
  if (waitlistApi !== 'absent') fields.push('waitlist_status')
  if (registrationOpenApi !== 'absent') fields.push('registration_open')
  body.only(fields)
  const event = sim.store.event(body.text('event_id'))
  const change = eventChange(body, event)
  const waitlist = body.optionalChoice('waitlist_status', ['enabled', 'disabled'])
  const open = body.flag('registration_open')
  const cap = body.whole('max_capacity')
  if (change.endAt <= change.startAt) throw new LumaError(400, 'end_at must be after start_at')
  if (cap !== undefined) setEventCap(sim, event, cap)
  Object.assign(event, change)
  if (waitlist && waitlistApi === 'accepted') event.waitlistStatus = waitlist
  if (open !== undefined && registrationOpenApi === 'accepted') event.registrationOpen = open
  sim.store.changed(event, 'event update')
  sim.notices.eventUpdated(event)
  return {}
}

function eventChange(body: Input, event: LumaEvent) {
  return {
    name: body.optionalText('name') ?? event.name,
    description: body.optionalText('description_md') ?? event.description,
    startAt: body.instant('start_at') ?? event.startAt,
    endAt: body.instant('end_at') ?? event.endAt,
    timezone: body.optionalText('timezone') ?? event.timezone,
    visibility: body.optionalChoice('visibility', ['public', 'members-only', 'private']) ?? event.visibility,
    multipleTickets: body.flag('can_register_for_multiple_tickets') ?? event.multipleTickets,
  }
}
