import { describe, expect, it } from 'vitest'
import { ContractError } from './answers.js'
import { parseGuest, seatsOf, toSnapshot } from './guest.js'
import { seatsIn } from './guest-pages.js'

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
      const snapshot = toSnapshot(parseGuest(row({ approval_status: status })), 'evt-1', READ_AT)
      expect(snapshot.tickets.map(({ live }) => live)).toEqual([status === 'approved', status === 'approved'])
      expect(snapshot.version).toBe('2026-11-20T12:00:00.123Z')
    },
  )

  it('takes one seat without tickets, while approved', () => {
    const approved = parseGuest(row({ event_tickets: [] }))
    expect(seatsOf(approved)).toEqual([{ id: 'gst-1#0', typeId: null }])
    expect(toSnapshot(approved, 'evt-1', READ_AT).tickets).toHaveLength(1)
    const declined = parseGuest(row({ event_tickets: [], approval_status: 'declined' }))
    expect(toSnapshot(declined, 'evt-1', READ_AT).tickets).toEqual([])
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
