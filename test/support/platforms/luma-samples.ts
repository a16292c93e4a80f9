/** Samples of Luma's deliveries, as documented and captured, with invented data. */
export const GUEST = {
  id: 'gst-EXAMPLE1',
  user_id: 'usr-G1',
  user_email: 'cy@example.com',
  user_name: 'Cy Example',
  user_first_name: 'Cy',
  user_last_name: 'Example',
  approval_status: 'approved',
  check_in_qr_code: 'https://luma.com/check-in/evt-EXAMPLE1?pk=g-EXAMPLE1',
  eth_address: null,
  invited_at: null,
  joined_at: null,
  phone_number: null,
  registered_at: '2026-11-05T18:00:00.000Z',
  registration_answers: [],
  solana_address: null,
  utm_source: null,
  custom_source: null,
}

export const TICKET = {
  id: 'eventticket-EX1',
  api_id: 'eventticket-EX1',
  amount: 1500,
  amount_discount: 0,
  amount_tax: 0,
  currency: 'usd',
  checked_in_at: null,
  event_ticket_type_id: 'evtticktyp-EXAMPLE1',
  is_captured: true,
  name: 'Standard',
}

export const EVENT = {
  platform: 'luma',
  id: 'evt-EXAMPLE1',
  calendar_id: 'cal-EXAMPLE1',
  name: 'Winter Meetup',
  start_at: '2026-12-10T18:00:00.000Z',
  waitlist_status: 'enabled',
  visibility: 'public',
  tags: [],
}

export const ORDER = { id: 'evttktord-EX1', amount: 1500, currency: 'usd', coupon_info: null, is_captured: true }

const REGISTERED = { ...GUEST, event_tickets: [TICKET], event_ticket_orders: [ORDER], event: EVENT }

export const DELIVERIES = {
  registered: { type: 'guest.registered', data: REGISTERED },
  declined: { type: 'guest.updated', data: { ...REGISTERED, approval_status: 'declined', event_tickets: [] } },
  ticketRegistered: { type: 'ticket.registered', data: { ...REGISTERED, event_ticket: TICKET } },
  eventUpdated: { type: 'event.updated', data: EVENT },
  ping: { type: 'webhook.ping' },
}
