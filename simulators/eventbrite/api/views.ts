import {
  capacityOf,
  eventSaleStatus,
  reservedOf,
  isSoldOut,
  limitsOf,
  pendingOf,
  saleStatus,
  soldOf,
} from '../state/capacity.js'
import type { Attendee, InventoryTier, Order, SimulatedEvent, TicketClass, Webhook } from '../state/model.js'
import { PUBLIC_BASE } from '../webhooks.js'

/** E.g. `2026-11-05T18:00:12Z`, in whole seconds. */
export function time(ms: number): string {
  return `${new Date(Math.floor(ms / 1_000) * 1_000).toISOString().slice(0, 19)}Z`
}

function money(cents: number, currency: string) {
  const major = (cents / 100).toFixed(2)
  return { display: `$${major}`, currency, value: cents, major_value: major }
}

function eventTime(ms: number) {
  return { timezone: 'UTC', utc: time(ms), local: time(ms).slice(0, 19) }
}

/** A limit in JSON: 0 if there is none. */
function finite(limit: number): number {
  return Number.isFinite(limit) ? limit : 0
}

export function eventView(event: SimulatedEvent) {
  return {
    name: { text: event.name, html: event.name },
    id: event.id,
    url: `https://www.eventbrite.com/e/${event.id}`,
    start: eventTime(event.start),
    end: eventTime(event.end),
    organization_id: event.organizationId,
    created: time(event.created),
    changed: time(event.changed),
    capacity: finite(capacityOf(event)),
    capacity_is_custom: event.capacityTotal !== null,
    status: event.status,
    currency: event.currency,
    online_event: false,
    listed: true,
    shareable: true,
    is_series_parent: event.seriesParent,
    tx_time_limit: event.txTimeLimitMs / 1_000,
    resource_uri: `${PUBLIC_BASE}/${event.seriesParent ? 'series' : 'events'}/${event.id}/`,
  }
}

/** An expansion of an event; undefined for an unknown name. */
export function eventExpansion(name: string, event: SimulatedEvent, now: number, waitlistOpens: boolean): unknown {
  if (name === 'ticket_classes') return event.classes.map((ticketClass) => classView(event, ticketClass, now))
  if (name === 'venue') return { id: `venue-${event.id}`, name: event.venue }
  if (name === 'event_sales_status') return { sales_status: eventSaleStatus(event, now), start_sales_date: null }
  if (name !== 'ticket_availability') return undefined
  return {
    has_available_tickets: event.classes.some((ticketClass) => saleStatus(event, ticketClass, now) === 'AVAILABLE'),
    is_sold_out: isSoldOut(event),
    waitlist_available: waitlistOpens && event.waitlistEnabled && isSoldOut(event),
  }
}

export function classView(event: SimulatedEvent, ticketClass: TicketClass, now: number) {
  const { id, name, capacity, sold } = ticketClass
  const cost = money(ticketClass.costCents, event.currency)
  const zero = money(0, event.currency)
  const total = Math.min(...limitsOf(event, ticketClass).map(({ limit }) => limit))
  return {
    actual_cost: null,
    actual_fee: zero,
    cost,
    fee: zero,
    tax: zero,
    resource_uri: `${PUBLIC_BASE}/events/${event.id}/ticket_classes/${id}/`,
    id,
    event_id: event.id,
    name,
    display_name: name,
    description: null,
    sorting: 1,
    donation: ticketClass.donation,
    free: ticketClass.costCents === 0,
    minimum_quantity: ticketClass.minimumQuantity,
    maximum_quantity: ticketClass.maximumQuantity,
    on_sale_status: saleStatus(event, ticketClass, now),
    capacity,
    quantity_total: finite(total),
    quantity_sold: sold,
    sales_start: ticketClass.salesStart === null ? null : time(ticketClass.salesStart),
    sales_end: ticketClass.salesEnd === null ? null : time(ticketClass.salesEnd),
    hidden: ticketClass.hidden,
    hidden_currently: ticketClass.hidden,
    include_fee: false,
    split_fee: false,
    auto_hide: false,
    sales_channels: ticketClass.salesChannels,
    inventory_tier_id: ticketClass.inventoryTierId,
    category: ticketClass.donation ? 'donation' : 'admission',
  }
}

export function capacityTierView(event: SimulatedEvent) {
  const total = finite(capacityOf(event))
  const [sold, pending] = [soldOf(event), pendingOf(event)]
  return {
    event_id: event.id,
    quantity_pending: pending,
    quantity_sold: sold,
    quantity_total: Math.max(0, total - reservedOf(event)),
    capacity_pending: pending,
    capacity_sold: sold,
    capacity_total: total,
    capacity_is_custom: event.capacityTotal !== null,
    holds: event.holds.map((hold, i) => ({
      id: hold.id,
      event_id: event.id,
      name: hold.name,
      abbreviation: hold.name.slice(0, 3).toUpperCase(),
      color: '#fac114',
      sort_order: i + 1,
      quantity_sold: 0,
      quantity_total: hold.quantityTotal,
      quantity_pending: 0,
    })),
  }
}

export function inventoryTierView(event: SimulatedEvent, tier: InventoryTier) {
  const classes = event.classes.filter(({ inventoryTierId }) => inventoryTierId === tier.id)
  return {
    id: tier.id,
    event_id: event.id,
    name: tier.name,
    count_against_event_capacity: true,
    quantity_total: tier.quantityTotal,
    quantity_sold: classes.reduce((sum, { sold }) => sum + sold, 0),
    quantity_pending: classes.reduce((sum, { pending }) => sum + pending, 0),
    resource_uri: `${PUBLIC_BASE}/events/${event.id}/inventory_tiers/${tier.id}/`,
  }
}

function personView({ name, email }: { name: string; email: string }) {
  const [first = '', ...rest] = name.split(' ')
  return { first_name: first, last_name: rest.join(' '), email, name }
}

export function attendeeView(attendee: Attendee, parent: 'events' | 'orders' = 'events') {
  const { id, orderId, eventId, cancelled, refunded, checkedIn } = attendee
  const created = time(attendee.created)
  const changed = time(attendee.changed)
  const barcode = { status: cancelled ? 'refunded' : checkedIn ? 'used' : 'unused', barcode: `${orderId}${id}001` }
  return {
    resource_uri: `${PUBLIC_BASE}/${parent}/${parent === 'events' ? eventId : orderId}/attendees/${id}/`,
    id,
    changed,
    created,
    quantity: 1,
    variant_id: null,
    profile: { ...personView(attendee.buyer), addresses: {} },
    barcodes: [{ ...barcode, created, changed, checkin_type: 0, is_printed: false }],
    answers: [], // words-ok: a field of Eventbrite
    costs: { base_price: money(attendee.costCents, 'USD'), gross: money(attendee.costCents, 'USD') },
    checked_in: checkedIn,
    cancelled,
    refunded,
    affiliate: null,
    guestlist_id: null,
    invited_by: null,
    status: cancelled ? 'Not Attending' : checkedIn ? 'Checked In' : 'Attending',
    ticket_class_name: attendee.className,
    delivery_method: 'electronic',
    event_id: eventId,
    order_id: orderId,
    ticket_class_id: attendee.classId,
  }
}

export function orderView(order: Order, now: number) {
  const gross = money(order.grossCents, 'USD')
  const zero = money(0, 'USD')
  return {
    costs: { base_price: gross, eventbrite_fee: zero, gross, payment_fee: zero, tax: zero },
    resource_uri: `${PUBLIC_BASE}/orders/${order.id}/`,
    id: order.id,
    changed: time(order.changed),
    created: time(order.created),
    ...personView(order.buyer),
    status: order.status,
    time_remaining: order.expires === null ? null : Math.max(0, Math.round((order.expires - now) / 1_000)),
    event_id: order.eventId,
  }
}

export function webhookView(webhook: Webhook) {
  return {
    id: webhook.id,
    resource_uri: `${PUBLIC_BASE}/webhooks/${webhook.id}/`,
    endpoint_url: webhook.url,
    actions: webhook.actions,
    created: time(webhook.created),
    user_id: webhook.organizationId,
    event_id: webhook.eventId,
  }
}
