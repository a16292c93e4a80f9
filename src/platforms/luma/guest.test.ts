import { describe, expect, it } from 'vitest'
import { ContractError } from './answers.js'
import { parseGuest, seatsOf, toSnapshot } from './guest.js'
import { seatsIn } from './seat-counter.js'

const LISTING = { externalEventId: 'evt-1', externalTicketClassId: null }
const READ_AT = new Date('2026-11-20T12:00:00.123Z')
const TICKETS = [{ id: 'eventticket-1', event_ticket_type_id: 'type-A' }, { id: 'eventticket-2' }]
const row = (fields: object) => ({ id: 'gst-1', approval_status: 'approved', event_tickets: TICKETS, ...fields })

describe('a guest', () => {
  it.each([
    ['id', { id: undefined }, 'guest id'],
    ['approval_status', { approval_status: undefined }, 'approval_status'],
    ['event_tickets', { event_tickets: undefined }, 'event_tickets'],
    ['ticket id', { event_tickets: [{}] }, 'event_tickets.id'],
    ['a ticket that is none', { event_tickets: ['x'] }, 'event_tickets'],
  ])('is refused without %s, by name', (_name, fields, field) => {
    expect(() => parseGuest(row(fields))).toThrow(new ContractError(field))
  })

  it.each(['declined', 'waitlist', 'invited'])('may come without tickets while %s', (status) => {
    for (const tickets of [undefined, null, []]) {
      const guest = parseGuest(row({ approval_status: status, event_tickets: tickets }))
      expect(toSnapshot(guest, LISTING, READ_AT)).toMatchObject({ tickets: [], complete: true })
    }
  })

  it.each(['approved', 'session', 'pending_approval', 'something new'])(
    'tells nothing while %s where its tickets are left out, and is one seat where it has none',
    (status) => {
      expect(() => parseGuest(row({ approval_status: status, event_tickets: undefined }))).toThrow(ContractError)
      expect(seatsOf(parseGuest(row({ approval_status: status, event_tickets: null })))).toHaveLength(1)
    },
  )

  it('counts a seat without a type for the type that is the channel', () => {
    const classes = (externalTicketClassId: string | null, fields: object = {}) =>
      toSnapshot(parseGuest(row(fields)), { ...LISTING, externalTicketClassId }, READ_AT).tickets.map(
        ({ ticketClassId }) => ticketClassId,
      )
    expect(classes('type-A')).toEqual(['type-A', 'type-A'])
    expect(classes('type-B')).toEqual(['type-A', 'type-B'])
    expect(classes('type-B', { event_tickets: [] })).toEqual(['type-B'])
    expect(classes(null)).toEqual(['type-A', null])
  })

  it('may lack everything else', () => {
    expect(parseGuest(row({ registered_at: 'some day', user_name: 7 }))).toMatchObject({
      name: null,
      email: null,
      registeredAt: null,
      checkedIn: false,
    })
  })

  it('is checked in by either of two fields', () => {
    expect(parseGuest(row({ checked_in_at: '2026-11-20T00:00:00Z' })).checkedIn).toBe(true)
    const [first] = TICKETS
    expect(parseGuest(row({ event_tickets: [{ ...first, checked_in_at: '2026-11-20T00:00:00Z' }] })).checkedIn).toBe(
      true,
    )
  })

  it.each(['approved', 'session', 'pending_approval', 'invited', 'declined', 'waitlist', 'something new'])(
    'holds live tickets only while approved: %s',
    (status) => {
      const snapshot = toSnapshot(parseGuest(row({ approval_status: status })), LISTING, READ_AT)
      expect(snapshot.tickets.map(({ live }) => live)).toEqual([status === 'approved', status === 'approved'])
      expect(snapshot.version).toBe('2026-11-20T12:00:00.123Z')
    },
  )

  it('takes one seat without tickets, while approved', () => {
    const approved = parseGuest(row({ event_tickets: [] }))
    expect(seatsOf(approved)).toEqual([{ id: 'gst-1#0', typeId: null }])
    expect(toSnapshot(approved, LISTING, READ_AT).tickets).toHaveLength(1)
    const declined = parseGuest(row({ event_tickets: [], approval_status: 'declined' }))
    expect(toSnapshot(declined, LISTING, READ_AT).tickets).toEqual([])
  })
})

it('counts seats of unknown type into every type', () => {
  const count = new Map([
    ['A', 3],
    ['B', 4],
    [null, 2],
  ])
  expect([seatsIn(count, 'A'), seatsIn(count, 'C'), seatsIn(count, null)]).toEqual([5, 2, 9])
})
