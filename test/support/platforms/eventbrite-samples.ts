/** Samples of Eventbrite's responses and deliveries, as documented and captured, with invented data. */
const ENDPOINT = 'https://sync.example.com/webhooks/eventbrite/3f9c0example'
const API = 'https://www.eventbriteapi.com/v3'

export function delivery(action: string, path: string): string {
  const config = { action, user_id: '300000000001', endpoint_url: ENDPOINT, webhook_id: '15900001' }
  return JSON.stringify({ config, api_url: `${API}${path}` })
}

export const DELIVERIES = {
  orderPlaced: delivery('order.placed', '/orders/15600000001/'),
  attendeeUpdated: delivery('attendee.updated', '/events/1999000000001/attendees/22800000001/'),
  ticketClassUpdated: delivery('ticket_class.updated', '/events/1999000000001/ticket_classes/3450000001/'),
  eventUpdated: delivery('event.updated', '/events/1999000000001/'),
  test: delivery('test', '/{api-endpoint-to-fetch-object-details}'),
}

const money = (value: number) => {
  const major = (value / 100).toFixed(2)
  return { display: `$${major}`, currency: 'USD', value, major_value: major }
}

export const LIVE_ATTENDEE = {
  resource_uri: `${API}/events/1999000000001/attendees/22800000001/`,
  id: '22800000001',
  changed: '2026-11-05T18:00:10Z',
  created: '2026-11-05T18:00:10Z',
  quantity: 1,
  variant_id: null,
  profile: { first_name: 'Ana', last_name: 'Example', email: 'ana@example.com', name: 'Ana Example', addresses: {} },
  barcodes: [{ status: 'unused', barcode: '1560000000122800000001001', checkin_type: 0, is_printed: false }],
  answers: [], // words-ok: a field of the Eventbrite API
  checked_in: false,
  cancelled: false,
  refunded: false,
  affiliate: null,
  guestlist_id: null,
  invited_by: null,
  status: 'Attending',
  ticket_class_name: 'General Admission',
  delivery_method: 'electronic',
  event_id: '1999000000001',
  order_id: '15600000001',
  ticket_class_id: '3450000001',
}

export const REFUNDED_ATTENDEE = {
  ...LIVE_ATTENDEE,
  resource_uri: `${API}/events/1999000000001/attendees/22800000002/`,
  id: '22800000002',
  changed: '2026-11-06T09:00:00Z',
  barcodes: [{ status: 'refunded', barcode: '1560000000122800000002001', checkin_type: 0, is_printed: false }],
  cancelled: true,
  refunded: true,
  status: 'Not Attending',
}

export const ORDER = {
  costs: { base_price: money(3_000), gross: money(3_340) },
  resource_uri: `${API}/orders/15600000001/`,
  id: '15600000001',
  changed: '2026-11-05T18:00:12Z',
  created: '2026-11-05T17:58:40Z',
  name: 'Ana Example',
  first_name: 'Ana',
  last_name: 'Example',
  email: 'ana@example.com',
  status: 'placed',
  time_remaining: null,
  event_id: '1999000000001',
  attendees: [LIVE_ATTENDEE, REFUNDED_ATTENDEE],
}

export const TICKET_CLASS = {
  actual_cost: null,
  actual_fee: money(170),
  cost: money(1_500),
  fee: money(0),
  tax: money(0),
  resource_uri: `${API}/events/1999000000001/ticket_classes/3450000001/`,
  id: '3450000001',
  event_id: '1999000000001',
  name: 'General Admission',
  display_name: 'General Admission',
  description: null,
  sorting: 1,
  donation: false,
  free: false,
  minimum_quantity: 1,
  maximum_quantity: 10,
  on_sale_status: 'AVAILABLE',
  capacity: 100,
  quantity_total: 100,
  quantity_sold: 42,
  sales_start: '2026-10-01T08:00:00Z',
  sales_end: '2026-12-01T17:00:00Z',
  hidden: false,
  hidden_currently: false,
  include_fee: false,
  split_fee: false,
  auto_hide: false,
  sales_channels: ['online', 'atd'],
  inventory_tier_id: null,
  category: 'admission',
}

export const CAPACITY_TIER = {
  event_id: '1999000000001',
  quantity_pending: 2,
  quantity_sold: 42,
  quantity_total: 80,
  capacity_pending: 2,
  capacity_sold: 42,
  capacity_total: 100,
  capacity_is_custom: true,
  holds: [
    {
      id: 'I987',
      event_id: '1999000000001',
      name: 'Other channels',
      abbreviation: 'EXT',
      color: '#fac114',
      sort_order: 1,
      quantity_sold: 0,
      quantity_total: 20,
      quantity_pending: 0,
    },
  ],
}

export const ERRORS = {
  rateLimit: { status_code: 429, error: 'HIT_RATE_LIMIT', error_description: 'You have hit your rate limit.' },
  argument: {
    status_code: 400,
    error: 'ARGUMENTS_ERROR',
    error_description: 'There are errors with your arguments: ticket_class.capacity - INVALID',
    error_detail: { ARGUMENTS_ERROR: { 'ticket_class.capacity': ['INVALID'] } },
  },
  tooSmall: {
    status_code: 400,
    error: 'CAPACITY_TOTAL_TOO_SMALL',
    error_description: 'Capacity total is too small for oversold quantities',
  },
  notFound: { status_code: 404, error: 'NOT_FOUND', error_description: 'The order you requested does not exist.' },
}
