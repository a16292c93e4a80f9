import { describe, expect, it } from 'vitest'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import { asOf, outdatedBy } from './outdated-orders.js'

const STARTED_AT = new Date('2026-11-18T12:00:00.000Z')
const before = (seconds: number) => new Date(STARTED_AT.getTime() - seconds * 1_000).toISOString()

const shownAs = (version: string, live: boolean): OrderSnapshot => ({
  orderId: 'order',
  externalEventId: 'event',
  version,
  tickets: [{ ticketId: 'ticket', live, ticketClassId: null }],
  complete: true,
  buyer: null,
  placedAt: null,
})

describe('An order that a listing shows as of an earlier change than the recorded one', () => {
  it('is outdated if the recorded change was made long before the reading', () => {
    const snapshots = [shownAs(before(300), true), shownAs(before(200), false)]
    expect(outdatedBy(before(100), snapshots, STARTED_AT)).toEqual({ shown: before(200), recorded: before(100) })
    expect(asOf(before(100), snapshots)).toEqual([shownAs(before(100), false)])
  })

  it('is not if that change may not be shown yet, or was made during the reading', () => {
    for (const seconds of [59, 0, -1])
      expect(outdatedBy(before(seconds), [shownAs(before(200), false)], STARTED_AT)).toBe(null)
  })

  it('is not if the listing shows the recorded change, or a later one', () => {
    for (const seconds of [100, 99])
      expect(outdatedBy(before(100), [shownAs(before(seconds), false)], STARTED_AT)).toBe(null)
  })
})
