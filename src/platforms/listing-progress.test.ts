import { describe, expect, it } from 'vitest'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import { ListingProgress } from './listing-progress.js'

const page = (...orderIds: string[]): OrderSnapshot[] =>
  orderIds.map((orderId) => ({
    orderId,
    externalEventId: 'x',
    version: new Date().toISOString(),
    tickets: [{ ticketId: `${orderId}-t`, live: true, ticketClassId: null }],
    complete: true,
    buyer: null,
    placedAt: null,
  }))

/** The page at which reading ends, of at most `most`. */
function endOf(show: (at: number) => OrderSnapshot[], cursorOf: (at: number) => object, most = 100_000): number {
  const progress = new ListingProgress()
  for (let at = 0; at < most; at++) {
    const from = at === 0 ? null : { ...cursorOf(at - 1) }
    if (progress.after(show(at), from, { ...cursorOf(at) }) !== null) return at + 1
  }
  return Number.POSITIVE_INFINITY
}

describe('ListingProgress', () => {
  it('ends a list that leads to the same page', () => {
    expect(
      endOf(
        (at) => page(`o${at}`),
        () => ({ page: 'same' }),
      ),
    ).toBe(2)
  })

  it('ends a list that shows the same pages under ever new cursors', () => {
    expect(
      endOf(
        (at) => page(`o${at % 7}`),
        (at) => ({ at }),
      ),
    ).toBe(27)
    expect(
      endOf(
        () => [],
        (at) => ({ at }),
      ),
    ).toBe(20)
  })

  it('ends a list without an end', () => {
    expect(
      endOf(
        (at) => page(`o${at}`),
        (at) => ({ at }),
      ),
    ).toBe(5_000)
  })

  it('lets a long list be read whose pages repeat now and then', () => {
    const show = (at: number) => (at % 10 === 9 ? page('again') : page(`o${at}`))
    expect(endOf(show, (at) => ({ at }), 4_000)).toBe(Number.POSITIVE_INFINITY)
  })
})
