import type { Api } from '../api.js'
import { cancelEvent, requestCancellation, setEventCap } from '../../state/organizer.js'
import type { SimulatorContext } from '../../state/context.js'
import { LumaError } from '../../errors.js'
import type { Input } from '../input.js'
import type { LumaEvent } from '../../state/model.js'
import { decodeCursor, pageOf } from '../paging.js'
import { eventListView, eventView, renameIds } from '../views.js'

/** All fields of an event update; those that this simulator does not need are accepted and ignored. */
export const UPDATE_FIELDS = `
  event_id suppress_notifications can_register_for_multiple_tickets cover_url coordinate description_md end_at
  geo_address_json max_capacity meeting_url name name_requirement phone_number_requirement registration_questions
  reminders_disabled feedback_email show_guest_list slug start_at timezone tint_color
  visibility`
  .trim()
  .split(/\s+/)

export function registerEventRoutes(api: Api, context: SimulatorContext): void {
  const names = () => context.toggles.current.idNames
  api.get('/v1/events/get', 'events/get', (query) =>
    renameIds(eventView(context.state.event(query.text('event_id'))), names()),
  )
  api.post('/v1/events/update', 'events/update', (body) => updateEvent(context, body))
  api.get('/v1/calendars/events/list', 'calendars/events/list', (query) => {
    const after = query.instant('after') ?? -Infinity
    const before = query.instant('before') ?? Infinity
    const events = [...context.state.events.values()]
      .filter(({ startAt }) => startAt >= after && startAt < before)
      .toSorted((a, b) => a.startAt - b.startAt)
    const size = Math.min(query.integerText('pagination_limit') ?? 50, context.toggles.current.maxPageSize)
    const { offset } = decodeCursor(query.optionalText('pagination_cursor') ?? null)
    return renameIds(pageOf(events.map(eventListView), offset, Math.max(1, size)), names())
  })
  api.post('/v1/events/cancel/request', 'events/cancel/request', (body) =>
    requestCancellation(context, body.text('event_id')),
  )
  api.post('/v1/events/cancel', 'events/cancel', (body) => {
    cancelEvent(context, body.text('event_id'), body.text('cancellation_token'), body.flag('should_refund'))
    return {}
  })
}

function updateEvent(context: SimulatorContext, body: Input): Record<string, never> {
  const { waitlistApi, registrationOpenApi } = context.toggles.current
  const fields = [...UPDATE_FIELDS]
  if (waitlistApi !== 'absent') fields.push('waitlist_status')
  if (registrationOpenApi !== 'absent') fields.push('registration_open')
  body.only(fields)
  const event = context.state.event(body.text('event_id'))
  const change = eventChange(body, event)
  const waitlist = body.optionalChoice('waitlist_status', ['enabled', 'disabled'])
  const open = body.flag('registration_open')
  const cap = body.integer('max_capacity')
  if (change.endAt <= change.startAt) throw new LumaError(400, 'end_at must be after start_at')
  if (cap !== undefined) setEventCap(context, event, cap)
  Object.assign(event, change)
  if (waitlist && waitlistApi === 'accepted') event.waitlistStatus = waitlist
  if (open !== undefined && registrationOpenApi === 'accepted') event.registrationOpen = open
  context.state.recordChange(event, 'event update')
  context.webhooks.eventUpdated(event)
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
