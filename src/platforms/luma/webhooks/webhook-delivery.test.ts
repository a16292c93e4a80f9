import { describe, expect, it } from 'vitest'
import { NEVER_READ } from '../../../domain/orders/order-snapshot.js'
import { EVENT, GUEST, ORDER, TICKET } from '../../../../test/support/platforms/luma-samples.js'
import { parseDelivery } from './webhook-delivery.js'

const parse = (body: unknown) => parseDelivery(Buffer.from(JSON.stringify(body)))

const REGISTERED_SNAPSHOT = {
  orderId: 'gst-EXAMPLE1',
  externalEventId: 'evt-EXAMPLE1',
  version: NEVER_READ,
  versionIsReadTime: true,
  tickets: [
    {
      ticketId: 'eventticket-EX1',
      live: true,
      ticketClassId: 'evtticktyp-EXAMPLE1',
      details: {
        holder: { name: 'Cy Example', email: 'cy@example.com' },
        ticketType: 'Standard',
        code: 'https://luma.com/check-in/evt-EXAMPLE1?pk=g-EXAMPLE1',
        checkedInAt: null,
      },
    },
  ],
  complete: true,
  buyer: { name: 'Cy Example', email: 'cy@example.com' },
  placedAt: new Date('2026-11-05T18:00:00.000Z'),
}

describe('parseDelivery of guest deliveries', () => {
  it.each(['guest.registered', 'guest.updated'])(
    'returns an order hint with a snapshot older than any read for %s',
    (type) => {
      const data = { ...GUEST, event_tickets: [TICKET], event_ticket_orders: [ORDER], event: EVENT }
      expect(parse({ type, data })).toEqual([
        { kind: 'ORDER', orderId: 'gst-EXAMPLE1', externalEventId: 'evt-EXAMPLE1', snapshot: REGISTERED_SNAPSHOT },
      ])
    },
  )

  it.each([
    ['waitlist', true],
    ['pending_approval', true],
    ['approved', undefined],
    ['declined', undefined],
    ['session', undefined],
  ])('marks a guest with status %s as waiting: %s', (status, waits) => {
    const data = { ...GUEST, approval_status: status, event_tickets: [], event: EVENT }
    expect(
      parse({ type: 'guest.registered', data })?.map((hint) => ('waits' in hint ? hint.waits : undefined)),
    ).toEqual([waits])
  })

  it('returns all tickets of the guest for ticket.registered, not only the new one', () => {
    const hints = parse({
      type: 'ticket.registered',
      data: {
        id: 'gst-EXAMPLE1',
        approval_status: 'approved',
        user_email: 'cy@example.com',
        event_tickets: [{ id: 'eventticket-EX1' }, { id: 'eventticket-EX2' }],
        event_ticket_orders: [{ id: 'evttktord-EX1' }],
        event: { id: 'evt-EXAMPLE1' },
        event_ticket: { ...TICKET, id: 'eventticket-EX2' },
      },
    })
    expect(hints).toMatchObject([
      {
        kind: 'ORDER',
        orderId: 'gst-EXAMPLE1',
        snapshot: {
          tickets: [
            { ticketId: 'eventticket-EX1', live: true },
            { ticketId: 'eventticket-EX2', live: true },
          ],
        },
      },
    ])
  })

  it('returns no tickets after a self-cancellation', () => {
    const hints = parse({
      type: 'guest.updated',
      data: {
        id: 'gst-EXAMPLE1',
        user_email: 'cy@example.com',
        user_name: 'Cy Example',
        approval_status: 'declined',
        registered_at: '2026-11-05T18:00:00.000Z',
        event_tickets: [],
        event_ticket_orders: [],
        event: { id: 'evt-EXAMPLE1', calendar_id: 'cal-EXAMPLE1' },
      },
    })
    expect(hints).toMatchObject([{ kind: 'ORDER', snapshot: { tickets: [], complete: true } }])
  })

  it('accepts older field names and wrapped guests', () => {
    const { id: _id, ...guest } = GUEST
    const wrapped = { guest: { ...guest, api_id: 'gst-OLD', event_tickets: [] }, event: { api_id: 'evt-OLD' } }
    expect(parse({ hook_type: 'guest.registered', data: wrapped })).toMatchObject([
      {
        kind: 'ORDER',
        orderId: 'gst-OLD',
        externalEventId: 'evt-OLD',
        snapshot: { tickets: [{ ticketId: 'gst-OLD#0', live: true }] },
      },
    ])
    expect(parse({ type: 'guest.updated', data: { id: 'gst-1', event_api_id: 'evt-2' } })).toEqual([
      { kind: 'ORDER', orderId: 'gst-1', externalEventId: 'evt-2', snapshot: null },
    ])
  })

  it('returns no snapshot if the body lacks the tickets, their ids or the event', () => {
    for (const data of [
      { ...GUEST, event: EVENT },
      { ...GUEST, event: EVENT, event_tickets: [{ amount: 1500 }] },
      { ...GUEST, event_tickets: [TICKET] },
      { id: 'gst-EXAMPLE1', event_tickets: [TICKET], event: EVENT },
    ]) {
      expect(parse({ type: 'guest.updated', data })).toMatchObject([{ orderId: 'gst-EXAMPLE1', snapshot: null }])
    }
  })
})

describe('parseDelivery of other deliveries', () => {
  it.each(['event.updated', 'event.canceled', 'event.created'])('returns a hint for the listing for %s', (type) => {
    expect(parse({ type, data: EVENT })).toEqual([{ kind: 'EVENT', externalEventId: 'evt-EXAMPLE1', about: 'LISTING' }])
  })

  it('returns a NONE hint for unknown types', () => {
    expect(parse({ type: 'calendar.person.subscribed', data: {} })).toMatchObject([{ kind: 'NONE' }])
    expect(parse({ type: 'something.new', data: { id: 'x' } })).toMatchObject([{ kind: 'NONE' }])
  })

  it.each([
    ['invalid JSON', Buffer.from('{"type":')],
    ['binary data', Buffer.from([0xff, 0xfe, 0x00])],
    ['a list', Buffer.from('[]')],
    ['null', Buffer.from('null')],
    ['no type', Buffer.from('{"data":{}}')],
    ['no data', Buffer.from('{"type":"guest.updated"}')],
    ['no guest', Buffer.from('{"type":"guest.updated","data":{}}')],
    ['no event', Buffer.from('{"type":"event.updated","data":{"name":"x"}}')],
    ['a number for an id', Buffer.from('{"type":"guest.updated","data":{"id":7}}')],
    ['an id that cannot be stored', Buffer.from(String.raw`{"type":"guest.updated","data":{"id":"a\u0000b"}}`)],
    ['an event whose id cannot be stored', Buffer.from(String.raw`{"type":"event.updated","data":{"id":"a\u0000b"}}`)],
  ])('returns null for a body with %s', (_name, body) => {
    expect(parseDelivery(body)).toBeNull()
  })
})
