import type { Api } from '../api.js'
import { setTypeCap } from '../../state/organizer.js'
import type { SimulatorContext } from '../../state/context.js'
import { LumaError } from '../../errors.js'
import type { Input } from '../input.js'
import type { LumaEvent, TicketType } from '../../state/model.js'
import { decodeCursor, stuckPage } from '../paging.js'
import { createTicketType } from '../../state/create-event.js'
import { renameIds, ticketTypeView } from '../views.js'

const FIELDS = `
  name require_approval is_hidden description valid_start_at valid_end_at max_capacity
  type cents currency is_flexible min_cents`
  .trim()
  .split(/\s+/)

export function registerTicketTypeRoutes(api: Api, context: SimulatorContext): void {
  const view = (type: TicketType) => renameIds(ticketTypeView(type), context.toggles.current.idNames)
  api.get('/v1/events/ticket-types/list', 'ticket-types/list', (query) => {
    const hidden = query.flagText('include_hidden')
    const { types } = context.state.event(query.text('event_id'))
    const entries = types.filter(({ isHidden }) => hidden || !isHidden).map(view)
    const { stuckList } = context.toggles.current
    const position = decodeCursor(query.optionalText('pagination_cursor') ?? null)
    return stuckList === 'no' ? { entries } : stuckPage({ entries, has_more: false }, position, stuckList)
  })
  api.get('/v1/events/ticket-types/get', 'ticket-types/get', (query) => view(find(context, query).type))
  api.post('/v1/events/ticket-types/create', 'ticket-types/create', (body) => {
    const event = context.state.event(body.only(['event_id', ...FIELDS]).text('event_id'))
    const type = createTicketType(context, { name: body.text('name'), type: body.choice('type', ['free', 'paid']) })
    applyFields(type, body)
    event.types.push(type)
    const cap = body.integer('max_capacity')
    if (cap !== undefined) setTypeCap(context, event, type, cap)
    return view(type)
  })
  api.post('/v1/events/ticket-types/update', 'ticket-types/update', (body) => {
    const { event, type } = find(context, body.only(['event_ticket_type_id', ...FIELDS]))
    const hides = body.flag('is_hidden') === true && !type.isHidden
    if (hides && isLastVisible(event, type) && context.toggles.current.hideLastType === 'reject') {
      throw new LumaError(400, 'At least one ticket type must be visible')
    }
    const cap = body.integer('max_capacity')
    if (cap !== undefined) setTypeCap(context, event, type, cap)
    applyFields(type, body)
    return view(type)
  })
  api.post('/v1/events/ticket-types/delete', 'ticket-types/delete', (body) => {
    const { event, type } = find(context, body)
    const sold = [...event.guests.values()].some(({ tickets }) => tickets.some(({ typeId }) => typeId === type.id))
    if (sold || isLastVisible(event, type)) throw new LumaError(400, 'This ticket type cannot be deleted')
    event.types = event.types.filter(({ id }) => id !== type.id)
    context.state.recordChange(event, 'delete type')
    return {}
  })
}

function find(context: SimulatorContext, input: Input): { event: LumaEvent; type: TicketType } {
  const id = input.text('event_ticket_type_id')
  const event = context.state.eventOfType(id)
  const type = event.types.find((candidate) => candidate.id === id)
  if (!type) throw new LumaError(404, `Ticket type not found: ${id}`)
  return { event, type }
}

function isLastVisible(event: LumaEvent, type: TicketType): boolean {
  return event.types.every(({ id, isHidden }) => id === type.id || isHidden)
}

function applyFields(type: TicketType, body: Input): void {
  type.name = body.optionalText('name') ?? type.name
  type.type = body.optionalChoice('type', ['free', 'paid']) ?? type.type
  type.requireApproval = body.flag('require_approval') ?? type.requireApproval
  type.isHidden = body.flag('is_hidden') ?? type.isHidden
  type.isFlexible = body.flag('is_flexible') ?? type.isFlexible
  if (body.has('description')) type.description = body.optionalText('description') ?? null
  if (body.has('valid_start_at')) type.validStartAt = body.optionalText('valid_start_at') ?? null
  if (body.has('valid_end_at')) type.validEndAt = body.optionalText('valid_end_at') ?? null
  if (body.has('cents')) type.cents = body.integer('cents') ?? null
  if (body.has('min_cents')) type.minCents = body.integer('min_cents') ?? null
  if (body.has('currency')) type.currency = body.optionalText('currency') ?? null
}
