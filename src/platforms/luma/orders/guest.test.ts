import { describe, expect, it } from 'vitest'
import { ContractError } from '../../kit/response-shape.js'
import { parseGuest, seatsOf } from './guest.js'
import { toOrderSnapshot } from './order-mapping.js'
import { seatsIn } from '../caps/seat-counter.js'

const LISTING = { externalEventId: 'evt-1', externalTicketClassId: null }
const READ_AT = new Date('2026-11-20T12:00:00.123Z')
const TICKETS = [{ id: 'eventticket-1', event_ticket_type_id: 'type-A' }, { id: 'eventticket-2' }]
const row = (fields: object) => ({ id: 'gst-1', approval_status: 'approved', event_tickets: TICKETS, ...fields })

describe('parseGuest and toOrderSnapshot', () => {
  it.each([
    ['id', { id: undefined }, 'guest id'],
    ['approval_status', { approval_status: undefined }, 'approval_status'],
    ['event_tickets', { event_tickets: undefined }, 'event_tickets'],
    ['ticket id', { event_tickets: [{}] }, 'event_tickets.id'],
    ['a valid ticket', { event_tickets: ['x'] }, 'event_tickets'],
  ])('throws a ContractError naming the field for a guest without %s', (_name, fields, field) => {
    expect(() => parseGuest(row(fields))).toThrow(new ContractError(field))
  })

  it.each(['declined', 'waitlist', 'invited'])('accepts a guest without tickets with status %s', (status) => {
    for (const tickets of [undefined, null, []]) {
      const guest = parseGuest(row({ approval_status: status, event_tickets: tickets }))
      expect(toOrderSnapshot(guest, LISTING, READ_AT)).toMatchObject({ tickets: [], complete: true })
    }
  })

  it.each(['approved', 'session', 'pending_approval', 'something new'])(
    'rejects a guest with status %s whose tickets are missing, and counts one seat if there are none',
    (status) => {
      expect(() => parseGuest(row({ approval_status: status, event_tickets: undefined }))).toThrow(ContractError)
      expect(seatsOf(parseGuest(row({ approval_status: status, event_tickets: null })))).toHaveLength(1)
    },
  )

  it('assigns a seat without a type to the type that is the channel', () => {
    const classes = (externalTicketClassId: string | null, fields: object = {}) =>
      toOrderSnapshot(parseGuest(row(fields)), { ...LISTING, externalTicketClassId }, READ_AT).tickets.map(
        ({ ticketClassId }) => ticketClassId,
      )
    expect(classes('type-A')).toEqual(['type-A', 'type-A'])
    expect(classes('type-B')).toEqual(['type-A', 'type-B'])
    expect(classes('type-B', { event_tickets: [] })).toEqual(['type-B'])
    expect(classes(null)).toEqual(['type-A', null])
  })

  it('accepts a guest without optional fields', () => {
    expect(parseGuest(row({ registered_at: 'some day', user_name: 7 }))).toMatchObject({
      name: null,
      email: null,
      registeredAt: null,
      checkedIn: false,
    })
  })

  it('reads the check-in from the guest or from a ticket', () => {
    expect(parseGuest(row({ checked_in_at: '2026-11-20T00:00:00Z' })).checkedIn).toBe(true)
    const [first] = TICKETS
    expect(parseGuest(row({ event_tickets: [{ ...first, checked_in_at: '2026-11-20T00:00:00Z' }] })).checkedIn).toBe(
      true,
    )
    const times = (fields: object) =>
      toOrderSnapshot(parseGuest(row(fields)), LISTING, READ_AT).tickets.map(({ details }) => details?.checkedInAt)
    const [early, late] = ['2026-11-20T00:00:00Z', '2026-11-20T00:05:00Z']
    expect(times({})).toEqual([null, null])
    expect(times({ checked_in_at: early })).toEqual([new Date(early), new Date(early)])
    expect(times({ event_tickets: [first, { ...first, checked_in_at: late }] })).toEqual([null, new Date(late)])
    expect(times({ event_tickets: [], checked_in_at: late })).toEqual([new Date(late)])
  })

  it.each(['approved', 'session', 'pending_approval', 'invited', 'declined', 'waitlist', 'something new'])(
    'marks tickets as live only for an approved guest: %s',
    (status) => {
      const snapshot = toOrderSnapshot(parseGuest(row({ approval_status: status })), LISTING, READ_AT)
      expect(snapshot.tickets.map(({ live }) => live)).toEqual([status === 'approved', status === 'approved'])
      expect(snapshot.version).toBe('2026-11-20T12:00:00.123Z')
    },
  )

  it('counts one seat for an approved guest without tickets', () => {
    const approved = parseGuest(row({ event_tickets: [] }))
    expect(seatsOf(approved)).toMatchObject([{ id: 'gst-1#0', typeId: null }])
    expect(toOrderSnapshot(approved, LISTING, READ_AT).tickets).toHaveLength(1)
    const declined = parseGuest(row({ event_tickets: [], approval_status: 'declined' }))
    expect(toOrderSnapshot(declined, LISTING, READ_AT).tickets).toEqual([])
  })
})

it('seatsIn counts seats without a type for every type', () => {
  const count = new Map([
    ['A', 3],
    ['B', 4],
    [null, 2],
  ])
  expect([seatsIn(count, 'A'), seatsIn(count, 'C'), seatsIn(count, null)]).toEqual([5, 2, 9])
})
