import type { Guest, LumaEvent, Ticket, TicketOrder, TicketType, Webhook } from '../state/model.js'
import type { LumaToggles } from '../toggles.js'

type Json = Record<string, unknown>
type IdNames = LumaToggles['idNames']

const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** Without capacities and counts: Luma shows neither. */
function eventFields(event: LumaEvent): Json {
  return {
    platform: 'luma',
    id: event.id,
    user_id: 'usr-HOST1',
    calendar_id: 'cal-EXAMPLE1',
    start_at: time(event.startAt),
    duration_interval: `PT${Math.round((event.endAt - event.startAt) / 60_000)}M`,
    end_at: time(event.endAt),
    created_at: time(event.createdAt),
    timezone: event.timezone,
    name: event.name,
    description: event.description,
    description_md: event.description,
    geo_address_json: null,
    coordinate: null,
    meeting_url: null,
    location_type: 'offline',
    location_visibility: 'public',
    cover_url: 'https://images.lumacdn.com/example.png',
    registration_questions: [],
    url: `https://luma.com/${event.id}`,
    visibility: event.visibility,
    waitlist_status: event.waitlistStatus,
    feedback_email: { enabled: false },
  }
}

/** An event read by its id. */
export function eventView(event: LumaEvent): Json {
  const host = {
    id: 'usr-HOST1',
    email: 'host@example.com',
    name: 'Hedda Host',
    first_name: 'Hedda',
    last_name: 'Host',
    avatar_url: 'https://images.lumacdn.com/a.png',
  }
  return { ...eventFields(event), hosts: [host] }
}

/** An event in a list: with tags, without hosts. */
export const eventListView = (event: LumaEvent): Json => ({ ...eventFields(event), tags: [] })

/** An event in a webhook. */
export const eventWebhookView = (event: LumaEvent): Json => ({
  ...eventListView(event),
  geo_latitude: null,
  geo_longitude: null,
})

export function ticketTypeView(type: TicketType): Json {
  return {
    id: type.id,
    name: type.name,
    require_approval: type.requireApproval,
    is_hidden: type.isHidden,
    description: type.description,
    valid_start_at: type.validStartAt,
    valid_end_at: type.validEndAt,
    max_capacity: type.maxCapacity,
    type: type.type,
    cents: type.cents,
    currency: type.currency,
    is_flexible: type.isFlexible,
    min_cents: type.minCents,
  }
}

export function ticketView(ticket: Ticket): Json {
  return {
    id: ticket.id,
    amount: ticket.amount,
    amount_discount: 0,
    amount_tax: 0,
    currency: ticket.currency,
    checked_in_at: time(ticket.checkedInAt),
    event_ticket_type_id: ticket.typeId,
    is_captured: ticket.isCaptured,
    name: ticket.name,
  }
}

/** A guest in a list: with tickets, without orders. */
export function guestView(guest: Guest, eventId: string): Json {
  const [first, ...rest] = guest.name.split(' ')
  return {
    id: guest.id,
    user_id: guest.userId,
    user_email: guest.email,
    user_name: guest.name,
    user_first_name: first ?? null,
    user_last_name: rest.join(' ') || null,
    approval_status: guest.status,
    check_in_qr_code: `https://luma.com/check-in/${eventId}?pk=${guest.key}`,
    eth_address: null,
    invited_at: time(guest.invitedAt),
    joined_at: null,
    phone_number: null,
    registered_at: time(guest.registeredAt),
    registration_answers: [],
    solana_address: null,
    utm_source: null,
    event_tickets: guest.tickets.map(ticketView),
  }
}

export function guestWithOrdersView(guest: Guest, eventId: string): Json {
  return { ...guestView(guest, eventId), event_ticket_orders: guest.orders.map(orderView) }
}

function orderView(order: TicketOrder): Json {
  return {
    id: order.id,
    amount: order.amount,
    amount_discount: 0,
    amount_tax: 0,
    currency: order.currency,
    coupon_info: null,
    is_captured: order.isCaptured,
  }
}

export function webhookView({ id, url, eventTypes, status, secrets, createdAt }: Webhook): Json {
  return { id, url, event_types: eventTypes, status, secret: secrets[0], created_at: time(createdAt) }
}

/** Renames all ids to their older names, if the toggle is on. */
export function renameIds(value: unknown, names: IdNames): unknown {
  if (names === 'id') return value
  if (Array.isArray(value)) return value.map((item) => renameIds(item, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [oldName(name), renameIds(item, names)] as const),
  )
}

const oldName = (name: string): string => (name === 'id' ? 'api_id' : name.replace(/_id$/, '_api_id'))
