import { describe, expect, it } from 'vitest'
import type { OrderFact } from '../../src/inventory/order-fact.js'
import { compareOrder } from '../../src/reconciliation/order-comparison.js'
import { orderDrifts } from '../../src/reconciliation/order-drifts.js'

type Shown = [id: string, live: boolean, classId?: string | null]

function fact(tickets: Shown[], { version = 2, complete = true, own = null as string | null } = {}): OrderFact {
  return {
    platform: 'EVENTBRITE',
    ticketClassId: own,
    snapshot: {
      orderId: 'o',
      externalEventId: 'e',
      version: `2026-11-20T00:00:0${version}.000Z`,
      tickets: tickets.map(([ticketId, live, ticketClassId = null]) => ({ ticketId, live, ticketClassId })),
      complete,
      buyer: null,
      placedAt: null,
    },
  }
}

function recorded(tickets: Record<string, boolean>, version = 1) {
  return { version: `2026-11-20T00:00:0${version}.000Z`, revision: 1, tickets: new Map(Object.entries(tickets)) }
}

const kinds = (...args: Parameters<typeof compareOrder>) =>
  orderDrifts(compareOrder(...args)).map(({ kind, ledger, platform, correctable }) => [
    kind,
    ledger,
    platform,
    correctable,
  ])

describe('one order against its record', () => {
  it('shows nothing when both agree, or the record is newer', () => {
    expect(kinds(recorded({ a: true }), [fact([['a', true]])], null)).toEqual([])
    expect(kinds(recorded({ a: false }, 3), [fact([['a', true]])], null)).toEqual([])
    expect(kinds(null, [fact([['a', false]])], null)).toEqual([])
  })

  it('shows what is missing, and what is gone', () => {
    expect(kinds(null, [fact([['a', true]])], null)).toEqual([['MISSING_SALE', 0, 1, true]])
    expect(kinds(recorded({ a: true, b: true }), [fact([['a', true]])], null)).toEqual([
      ['MISSING_CANCELLATION', 2, 1, true],
    ])
    expect(kinds(recorded({ a: true }), [fact([['b', true]])], null)).toEqual([['MISSING_SALE', 1, 1, true]])
  })

  it('knows nothing of tickets that a part of an order does not show', () => {
    const part = { complete: false }
    expect(kinds(recorded({ a: true, b: true }), [fact([['a', true]], part)], null)).toEqual([])
    const parts = [fact([['a', false]], part), fact([['b', false]], { ...part, version: 1 })]
    expect(kinds(recorded({ a: true, b: true }), parts, null)).toEqual([['MISSING_CANCELLATION', 2, 0, true]])
  })

  it('tells tickets that moved to a class of nobody from those that others sell', () => {
    const own = { own: 'x' }
    const moved = [fact([['a', true, 'y']], own)]
    expect(kinds(recorded({ a: true }), moved, new Set(['x']))).toEqual([['UNKNOWN_TICKET_CLASS', 1, 1, true]])
    expect(kinds(recorded({ a: true }), moved, new Set(['x', 'y']))).toEqual([['MISSING_CANCELLATION', 1, 0, true]])
    expect(kinds(null, moved, new Set(['x']))).toEqual([['UNKNOWN_TICKET_CLASS', 0, 1, false]])
    expect(kinds(null, moved, null)).toEqual([])
    const mixed = [
      fact(
        [
          ['a', true, 'x'],
          ['b', true, null],
        ],
        own,
      ),
    ]
    expect(kinds(null, mixed, new Set(['x']))).toEqual([
      ['MISSING_SALE', 0, 1, true],
      ['UNKNOWN_TICKET_CLASS', 0, 1, false],
    ])
  })
})
