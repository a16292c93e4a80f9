import { describe, expect, it } from 'vitest'
import type { ObservedOrder } from '../../orders/observed-order.js'
import { compareOrder } from './order-comparison.js'
import { orderDrifts } from './order-drifts.js'

type TicketRow = [id: string, live: boolean, classId?: string | null]

function observed(
  tickets: TicketRow[],
  { version = 2, complete = true, channelClassId = null as string | null } = {},
): ObservedOrder {
  return {
    channelId: 'chn',
    platform: 'EVENTBRITE',
    ticketClassId: channelClassId,
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

describe('Drift of an order', () => {
  it('is empty when both sides agree or the record is newer', () => {
    expect(kinds(recorded({ a: true }), [observed([['a', true]])], null)).toEqual([])
    expect(kinds(recorded({ a: false }, 3), [observed([['a', true]])], null)).toEqual([])
    expect(kinds(null, [observed([['a', false]])], null)).toEqual([])
  })

  it('reports missing sales and missing cancellations', () => {
    expect(kinds(null, [observed([['a', true]])], null)).toEqual([['MISSING_SALE', 0, 1, true]])
    expect(kinds(recorded({ a: true, b: true }), [observed([['a', true]])], null)).toEqual([
      ['MISSING_CANCELLATION', 2, 1, true],
    ])
    expect(kinds(recorded({ a: true }), [observed([['b', true]])], null)).toEqual([['MISSING_SALE', 1, 1, true]])
  })

  it('ignores tickets that an incomplete snapshot does not show', () => {
    const part = { complete: false }
    expect(kinds(recorded({ a: true, b: true }), [observed([['a', true]], part)], null)).toEqual([])
    const parts = [observed([['a', false]], part), observed([['b', false]], { ...part, version: 1 })]
    expect(kinds(recorded({ a: true, b: true }), parts, null)).toEqual([['MISSING_CANCELLATION', 2, 0, true]])
  })

  it('distinguishes tickets of a class that no channel sells from tickets of a class of another channel', () => {
    const onClassX = { channelClassId: 'x' }
    const moved = [observed([['a', true, 'y']], onClassX)]
    expect(kinds(recorded({ a: true }), moved, new Set(['x']))).toEqual([['UNKNOWN_TICKET_CLASS', 1, 1, true]])
    expect(kinds(recorded({ a: true }), moved, new Set(['x', 'y']))).toEqual([['MISSING_CANCELLATION', 1, 0, true]])
    expect(kinds(null, moved, new Set(['x']))).toEqual([['UNKNOWN_TICKET_CLASS', 0, 1, false]])
    expect(kinds(null, moved, null)).toEqual([])
    const mixed = [
      observed(
        [
          ['a', true, 'x'],
          ['b', true, null],
        ],
        onClassX,
      ),
    ]
    expect(kinds(null, mixed, new Set(['x']))).toEqual([
      ['MISSING_SALE', 0, 1, true],
      ['UNKNOWN_TICKET_CLASS', 0, 1, false],
    ])
  })
})
