import { describe, expect, it } from 'vitest'
import {
  CAPACITY_TIER,
  ERRORS,
  LIVE_ATTENDEE,
  ORDER,
  REFUNDED_ATTENDEE,
  TICKET_CLASS,
} from '../../../../test/support/platforms/eventbrite-samples.js'
import { floorOf, modeOfTier, readCapacityTier } from '../caps/capacity-tier.js'
import { failureOf } from '../client/outcomes.js'
import { spreadOverTiers } from '../caps/tier-shares.js'
import { groupByOrder, readAttendee, readExpandedAttendees, toOrderSnapshot } from './order-mapping.js'
import { modeOfTicketClass, readTicketClass } from '../caps/ticket-class.js'

const NOW = new Date('2026-11-05T19:00:00Z')
const LISTED = { eventId: '1999000000001', orderId: null, changed: NOW }

describe('readTicketClass and modeOfTicketClass', () => {
  it('reads a bare or wrapped ticket class', () => {
    const expected = { id: '3450000001', cap: 100, sold: 42, hidden: false, saleStatus: 'AVAILABLE' }
    expect(readTicketClass(TICKET_CLASS)).toMatchObject(expected)
    expect(readTicketClass({ ticket_class: TICKET_CLASS })).toMatchObject(expected)
  })

  it.each([
    [{}, 0, 'OPEN'],
    [{}, 57, 'OPEN'],
    [{}, 58, 'WAITLIST_ONLY'],
    [{ hidden: true }, 0, 'WAITLIST_ONLY'],
    [{ sales_end: '2026-11-05T18:59:59Z' }, 0, 'WAITLIST_ONLY'],
    [{ on_sale_status: 'NOT_YET_ON_SALE' }, 0, 'UNKNOWN'],
    [{ on_sale_status: undefined }, 0, 'OPEN'],
    [{ capacity: null, quantity_total: null }, 0, 'UNKNOWN'],
  ])('maps a class with %o and %d tickets in carts to %s', (change, pending, mode) => {
    expect(modeOfTicketClass(readTicketClass({ ...TICKET_CLASS, ...change }), pending, NOW)).toBe(mode)
  })

  it.each([
    ['capacity', undefined, 'ticket_class.capacity'],
    ['capacity', '100', 'ticket_class.capacity'],
    ['capacity', -1, 'ticket_class.capacity'],
    ['capacity', 1.5, 'ticket_class.capacity'],
    ['quantity_sold', null, 'ticket_class.quantity_sold'],
    ['id', '', 'ticket_class.id'],
  ])('throws for %s = %o with the name of the field', (key, value, field) => {
    expect(() => readTicketClass({ ...TICKET_CLASS, [key]: value })).toThrow(`"${field}"`)
  })
})

describe('readCapacityTier', () => {
  it('reads a tier whose floor is sold, carts and holds', () => {
    const tier = readCapacityTier(CAPACITY_TIER)
    expect(tier).toMatchObject({ cap: 100, sold: 42, pending: 2, holds: [{ id: 'I987', unsold: 20 }] })
    expect(floorOf(tier)).toBe(64)
    expect(modeOfTier(tier)).toBe('OPEN')
    expect(modeOfTier({ ...tier, cap: 64 })).toBe('WAITLIST_ONLY')
  })

  it.each(['capacity_total', 'capacity_sold', 'capacity_pending'])('throws without %s', (key) => {
    expect(() => readCapacityTier({ ...CAPACITY_TIER, [key]: undefined })).toThrow(`"capacity_tier.${key}"`)
  })
})

describe('toOrderSnapshot', () => {
  const read = (order: Record<string, unknown>) => toOrderSnapshot(order, readExpandedAttendees(order))
  const detailsOf = (firstName: string, place: string) => ({
    holder: { name: `${firstName} Example`, email: `${firstName.toLowerCase()}@example.com` },
    ticketType: 'General Admission',
    code: `156000000012280000000${place}001`,
    checkedInAt: null,
  })

  it.each([
    ['a used barcode', { barcodes: [{ barcode: '7', status: 'used', changed: '2026-12-01T18:00:01Z' }] }, '18:00:01'],
    ['a flag', { checked_in: true, barcodes: [{ barcode: '7', status: 'unused' }] }, '18:30:00'],
    ['a used barcode without a time', { barcodes: [{ barcode: '7', status: 'used' }] }, '18:30:00'],
    ['a flag without barcodes', { checked_in: true, barcodes: [] }, '18:30:00'],
  ])('reads a check-in from %s', (_name, fields, time) => {
    const attendees = [{ ...LIVE_ATTENDEE, ...fields, changed: '2026-12-01T18:30:00Z' }]
    const details = read({ ...ORDER, attendees }).tickets[0]?.details
    expect(details?.checkedInAt).toEqual(new Date(`2026-12-01T${time}Z`))
    expect(details?.code ?? null).toBe(fields.barcodes.length > 0 ? '7' : null)
  })

  it('gives each ticket of an attendee its barcode, or the only one', () => {
    const codes = (...barcodes: string[]) => {
      const rows = barcodes.map((barcode) => ({ barcode, status: 'unused' }))
      const attendees = [{ ...LIVE_ATTENDEE, quantity: 2, barcodes: rows }]
      return read({ ...ORDER, attendees }).tickets.map(({ details }) => details?.code)
    }
    expect(codes('1', '2')).toEqual(['1', '2'])
    expect(codes('1')).toEqual(['1', '1'])
    expect(codes()).toEqual([null, null])
  })

  it('uses the newest change of the order and its attendees as the version', () => {
    expect(read(ORDER)).toEqual({
      orderId: '15600000001',
      externalEventId: '1999000000001',
      version: '2026-11-06T09:00:00.000Z',
      tickets: [
        { ticketId: '22800000001', live: true, ticketClassId: '3450000001', details: detailsOf('Ana', '1') },
        { ticketId: '22800000002', live: false, ticketClassId: '3450000001', details: detailsOf('Ana', '2') },
      ],
      complete: true,
      buyer: { name: 'Ana Example', email: 'ana@example.com' },
      placedAt: new Date('2026-11-05T17:58:40Z'),
    })
  })

  it.each([
    ['placed', true],
    ['pending', true],
    ['unpaid', true],
    ['refunded', true],
    ['started', false],
    ['abandoned', false],
  ])('maps the tickets of an order with status %s to live: %s', (status, live) => {
    expect(read({ ...ORDER, status }).tickets[0]?.live).toBe(live)
  })

  it('returns an incomplete snapshot for an order without attendees', () => {
    expect(read({ ...ORDER, attendees: [] })).toMatchObject({ tickets: [], complete: false })
  })

  it('maps an attendee with a quantity to that number of tickets, each with its own id', () => {
    const tickets = read({ ...ORDER, attendees: [{ ...LIVE_ATTENDEE, quantity: 3 }] }).tickets
    expect(tickets.map((ticket) => ticket.ticketId)).toEqual(['22800000001', '22800000001-2', '22800000001-3'])
  })

  it.each([{ quantity: undefined }, { quantity: null }, { quantity: 0 }, { quantity: 1 }])(
    'maps an attendee with %o to one ticket, also with a numeric class id',
    (quantity) => {
      const attendees = [{ ...LIVE_ATTENDEE, ...quantity, ticket_class_id: 3_450_000_001 }]
      expect(read({ ...ORDER, attendees }).tickets).toMatchObject([
        { ticketId: '22800000001', live: true, ticketClassId: '3450000001' },
      ])
    },
  )

  it.each([
    [{ changed: 'yesterday' }, 'order.changed'],
    [{ event_id: null }, 'order.event_id'],
    [{ attendees: {} }, 'order.attendees'],
  ])('throws for an order with %o and names the field', (change, field) => {
    expect(() => read({ ...ORDER, ...change })).toThrow(`"${field}"`)
  })

  it.each([
    [null, 'attendees'],
    [{ ...LIVE_ATTENDEE, id: null }, 'attendees.id'],
    [{ ...LIVE_ATTENDEE, id: 'a\u0000' }, 'attendees.id'],
    [{ ...LIVE_ATTENDEE, quantity: 'two' }, 'attendees.quantity'],
    [{ ...LIVE_ATTENDEE, quantity: -1 }, 'attendees.quantity'],
  ])('returns the other tickets of an order with the unreadable attendee %o as incomplete', (bad, field) => {
    const order = { ...ORDER, attendees: [bad, LIVE_ATTENDEE] }
    expect(readExpandedAttendees(order).unreadable).toMatchObject([{ reason: expect.stringContaining(`"${field}"`) }])
    expect(read(order)).toMatchObject({ complete: false, tickets: [{ ticketId: LIVE_ATTENDEE.id }] })
  })

  it.each([{ changed: undefined }, { order_id: null }, { event_id: null }])(
    'fills fields that an attendee lacks from the order: %o',
    (change) => {
      const order = { ...ORDER, attendees: [{ ...LIVE_ATTENDEE, ...change }] }
      expect(read(order)).toMatchObject({ complete: true, tickets: [{ ticketId: LIVE_ATTENDEE.id, live: true }] })
    },
  )

  it('returns incomplete snapshots for grouped attendees, and counts a duplicate attendee once', () => {
    const stale = { ...REFUNDED_ATTENDEE, cancelled: false, refunded: false, changed: '2026-11-05T18:00:10Z' }
    const groups = groupByOrder([REFUNDED_ATTENDEE, LIVE_ATTENDEE, stale].map((row) => readAttendee(row, LISTED)))
    expect(groups).toMatchObject([{ orderId: '15600000001', complete: false, version: '2026-11-06T09:00:00.000Z' }])
    expect(groups[0]?.tickets.map(({ ticketId, live }) => [ticketId, live])).toEqual([
      ['22800000002', false],
      ['22800000001', true],
    ])
  })
})

describe('failureOf', () => {
  const failureFor = (status: number, json: unknown) => failureOf({ kind: 'RESPONSE', status, headers: {}, json })

  it.each([
    [200, {}, null],
    [400, ERRORS.tooSmall, { kind: 'REJECTED', code: 'CAPACITY_TOTAL_TOO_SMALL' }],
    [400, ERRORS.argument, { kind: 'REJECTED', code: 'ARGUMENTS_ERROR' }],
    [400, { error: 'INVALID_AUTH' }, { kind: 'AUTH_FAILED' }],
    [401, { error: 'INVALID_AUTH' }, { kind: 'AUTH_FAILED' }],
    [401, null, { kind: 'AUTH_FAILED' }],
    [403, { error: 'NOT_AUTHORIZED' }, { kind: 'FORBIDDEN' }],
    [404, ERRORS.notFound, { kind: 'GONE' }],
    [405, {}, { kind: 'REJECTED', code: 'HTTP_405' }],
    [409, { error: 'REQUEST_CONFLICT' }, { kind: 'REJECTED', code: 'REQUEST_CONFLICT' }],
    [301, null, { kind: 'REJECTED', code: 'PERMANENTLY_MOVED' }],
  ])('maps HTTP %d with %o to %o', (status, json, expected) => {
    const failure = failureFor(status, json)
    if (expected === null) expect(failure).toBeNull()
    else expect(failure).toMatchObject(expected)
  })
})

describe('spreadOverTiers', () => {
  const tier = (id: string, total: number, taken: number) => ({ id, total, taken })

  it.each([
    [100, [60, 40]],
    [50, [30, 20]],
    [37, [22, 15]],
    [2, [1, 1]],
    [1, [1, 1]],
  ])('splits a cap of %d in proportion to the tickets left', (cap, shares) => {
    expect([...spreadOverTiers(cap, [tier('a', 60, 0), tier('b', 40, 0)]).values()]).toEqual(shares)
  })

  it('gives no tier less than its tickets taken, and exactly the cap in total where possible', () => {
    const tiers = [tier('a', 60, 55), tier('b', 40, 1), tier('c', 10, 10)]
    for (let cap = 1; cap <= 200; cap++) {
      const shares = [...spreadOverTiers(cap, tiers).values()]
      shares.forEach((share, i) => expect(share).toBeGreaterThanOrEqual(Math.max(1, tiers[i]?.taken ?? 0)))
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(Math.max(cap, 66))
    }
  })
})
