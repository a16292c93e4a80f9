import { describe, expect, it } from 'vitest'
import type { OrderSnapshot } from '../domain/orders/order-snapshot.js'
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

/** The page at which reading stops; infinity: it does not within `maxPages`. */
function endOf(show: (at: number) => OrderSnapshot[], cursorOf: (at: number) => object, maxPages = 100_000): number {
  const progress = new ListingProgress()
  for (let at = 0; at < maxPages; at++) {
    const from = at === 0 ? null : { ...cursorOf(at - 1) }
    if (progress.stallReason(show(at), from, { ...cursorOf(at) }) !== null) return at + 1
  }
  return Number.POSITIVE_INFINITY
}

describe('ListingProgress', () => {
  it('stops a list whose cursor does not change', () => {
    expect(
      endOf(
        (at) => page(`o${at}`),
        () => ({ page: 'same' }),
      ),
    ).toBe(2)
  })

  it('stops a list that repeats the same pages under new cursors', () => {
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

  it('stops a list that never ends after 5,000 pages', () => {
    expect(
      endOf(
        (at) => page(`o${at}`),
        (at) => ({ at }),
      ),
    ).toBe(5_000)
  })

  it('does not stop a long list with occasional repeated pages', () => {
    const show = (at: number) => (at % 10 === 9 ? page('again') : page(`o${at}`))
    expect(endOf(show, (at) => ({ at }), 4_000)).toBe(Number.POSITIVE_INFINITY)
  })
})
