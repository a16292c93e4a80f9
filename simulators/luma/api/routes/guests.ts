import type { Api } from '../api.js'
import type { SimulatorContext } from '../../state/context.js'
import { LumaError } from '../../errors.js'
import { addGuests, updateStatus } from '../../state/guest-changes.js'
import { Input } from '../input.js'
import { GUEST_STATUSES, type Guest, type LumaEvent } from '../../state/model.js'
import { decodeCursor, pageOf, stuckPage, SORT_COLUMNS, SORT_DIRECTIONS, sortGuests } from '../paging.js'
import { guestView, guestWithOrdersView, renameIds } from '../views.js'

const STATUSES = ['approved', 'declined', 'pending_approval', 'waitlist'] as const
const MAX_MESSAGE_LENGTH = 200

export function registerGuestRoutes(api: Api, context: SimulatorContext): void {
  const names = () => context.toggles.current.idNames
  api.get('/v1/events/guests/list', 'guests/list', (query) => listGuests(context, query))
  api.get('/v1/events/guests/get', 'guests/get', (query) => {
    const event = context.state.event(query.text('event_id'))
    const guest = context.state.guest(event, query.text('id'))
    const shown = context.state.guestsAsOf(event, context.knobs.current.orderLagMs)
    if (!shown.some(({ key }) => key === guest.key)) throw new LumaError(404, `Guest not found: ${guest.key}`)
    return renameIds(guestWithOrdersView(guest, event.id), names())
  })
  api.post('/v1/events/guests/update-status', 'guests/update-status', (body) => {
    body.only(['event_id', 'guest_id', 'status', 'should_refund', 'send_email', 'message'])
    const message = body.optionalText('message') ?? null
    if (message !== null && message.length > MAX_MESSAGE_LENGTH) throw new LumaError(400, 'message is too long')
    updateStatus(context, {
      eventId: body.text('event_id'),
      guestId: body.text('guest_id'),
      status: body.choice('status', STATUSES),
      shouldRefund: body.flag('should_refund') ?? false,
      sendEmail: body.flag('send_email') ?? true,
      message,
    })
    return {}
  })
  api.post('/v1/events/guests/add', 'guests/add', (body) => addByHost(context, body))
}

function listGuests(context: SimulatorContext, query: Input): unknown {
  const { toggles, knobs, random, state } = context
  const eventId = query.text('event_id')
  const { maxPageSize, stuckList, goneGuestList, guestsWithoutTickets, idNames } = toggles.current
  if (goneGuestList === 'empty' && !state.events.has(eventId)) return { entries: [], has_more: false }
  const event = state.event(eventId)
  const position = decodeCursor(query.optionalText('pagination_cursor') ?? null)
  if (position.broken) throw new LumaError(500, 'Internal server error')
  const guests = sortGuests(listedGuests(context, event), {
    status: query.optionalChoice('approval_status', GUEST_STATUSES) ?? null,
    column: query.optionalChoice('sort_column', SORT_COLUMNS) ?? 'created_at',
    direction: query.optionalChoice('sort_direction', SORT_DIRECTIONS) ?? 'asc',
  })
  const size = Math.max(1, Math.min(query.integerText('pagination_limit') ?? 50, maxPageSize))
  const truncated = random.chance(knobs.current.truncatedPage)
  const fault = truncated ? 'TRUNCATED' : random.chance(knobs.current.emptyPage) ? 'EMPTY' : null
  const page = stuckPage(pageOf(guests, position.offset, size, fault), position, stuckList)
  const withoutTickets = new Set(guests.filter(({ status }) => status === 'approved').slice(0, guestsWithoutTickets))
  const entries = page.entries.map((guest) => {
    const { event_tickets: tickets, ...rest } = guestView(guest, event.id)
    return withoutTickets.has(guest) ? rest : { ...rest, event_tickets: tickets }
  })
  return renameIds({ ...page, entries }, idNames)
}

function listedGuests({ knobs, state }: SimulatorContext, event: LumaEvent): Guest[] {
  const { readLagMs, listLagMs } = knobs.current
  const guests = state.guestsAsOf(event, readLagMs)
  if (listLagMs === 0) return guests
  const seats = ({ key, status, tickets }: Guest) => JSON.stringify([key, status, tickets.map(({ id }) => id)])
  const unchanged = new Set(state.guestsAsOf(event, listLagMs).map(seats))
  return guests.filter((guest) => unchanged.has(seats(guest)))
}

function addByHost(context: SimulatorContext, body: Input): Record<string, never> {
  body.only(['event_id', 'guests', 'ticket', 'tickets', 'approval_status', 'send_email'])
  const tickets = [...(body.list('tickets') ?? []), ...(body.has('ticket') ? [body.value('ticket')] : [])]
  if (body.has('ticket') && body.has('tickets')) throw new LumaError(400, 'Use either ticket or tickets')
  const guests = body.list('guests')
  if (!guests) throw new LumaError(400, 'guests is required')
  addGuests(context, {
    eventId: body.text('event_id'),
    guests: guests.map((guest) => {
      const fields = new Input(guest)
      return { email: fields.text('email'), name: fields.optionalText('name') ?? null }
    }),
    ticketTypeIds: tickets.map((ticket) => new Input(ticket).text('event_ticket_type_id')),
    status: body.optionalChoice('approval_status', ['approved', 'pending_approval', 'waitlist']) ?? 'approved',
    sendEmail: body.flag('send_email') ?? true,
  })
  return {}
}
