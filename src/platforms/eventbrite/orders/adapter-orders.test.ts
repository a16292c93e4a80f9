import { describe, expect, it } from 'vitest'
import {
  listingOf,
  startHarness,
  valueOf,
  type EventbriteHarness,
} from '../../../../test/support/platforms/eventbrite.js'
import type { OrderSnapshot } from '../../../domain/orders/order-snapshot.js'
import type { CallContext, Cursor, Listing, ListScope } from '../../port.js'

const BULK: CallContext = { lane: 'bulk' }

async function harnessWithEvent() {
  const harness = await startHarness()
  const { id } = harness.simulator.control.createEvent({ capacity: 1_000 })
  const buy = (quantity: number) => {
    const sale = harness.simulator.control.buy({ eventId: id, quantity })
    if (sale.orderId === null) throw new Error(sale.reason)
    return sale
  }
  return { ...harness, control: harness.simulator.control, eventId: id, listing: listingOf(id), buy }
}

/** Reads all pages of a list. `tickets`: whether each is live, by id. */
async function readAll({ adapter }: EventbriteHarness, listing: Listing, scope: ListScope, from: Cursor | null) {
  const tickets = new Map<string, boolean>()
  const snapshots: OrderSnapshot[] = []
  let cursor = from
  let count: number | null = null
  for (let pages = 1; pages <= 50; pages++) {
    const page = valueOf(await adapter.listOrders(listing, scope, cursor, BULK))
    snapshots.push(...page.snapshots)
    for (const { ticketId, live } of page.snapshots.flatMap((one) => one.tickets)) tickets.set(ticketId, live)
    cursor = JSON.parse(JSON.stringify(page.nextCursor)) as Cursor
    count = page.platformCount
    if (page.done) return { tickets, snapshots, cursor, count, pages }
  }
  throw new Error('the listing does not end')
}

describe('getOrder', () => {
  it('reads an order with all tickets in one call', async () => {
    const { adapter, control, listing, buy, calls } = await harnessWithEvent()
    const { orderId, attendeeIds } = buy(3)
    control.cancel(orderId, attendeeIds.slice(0, 1))
    const order = valueOf(await adapter.getOrder(listing, orderId, BULK))
    expect(order).toMatchObject({ orderId, externalEventId: listing.externalEventId, complete: true })
    expect(order?.buyer).toEqual({ name: 'Ana Example', email: 'ana@example.com' })
    expect(order?.tickets.map(({ ticketId, live }) => [ticketId, live])).toEqual([
      [attendeeIds[0], false],
      [attendeeIds[1], true],
      [attendeeIds[2], true],
    ])
    expect(calls()).toHaveLength(1)
  })

  it('returns null for an order that the platform does not know (yet)', async () => {
    const { adapter, simulator, listing, buy } = await harnessWithEvent()
    expect(await adapter.getOrder(listing, '15699999999', BULK)).toEqual({ kind: 'OK', value: null })
    simulator.knobs.patch({ readLagMs: 30_000 })
    expect(await adapter.getOrder(listing, buy(1).orderId, BULK)).toEqual({ kind: 'OK', value: null })
  })

  it('lists the attendees separately when the order lacks them', async () => {
    const { adapter, simulator, listing, buy, calls } = await harnessWithEvent()
    simulator.toggles.patch({ emptyExpansion: 1 })
    const order = valueOf(await adapter.getOrder(listing, buy(2).orderId, BULK))
    expect(order).toMatchObject({ complete: true, tickets: [{ live: true }, { live: true }] })
    expect(calls()).toHaveLength(2)
  })

  it('returns no tickets for an open or abandoned cart, and all for a completed one', async () => {
    const { adapter, control, listing, eventId } = await harnessWithEvent()
    const open = () => control.openCart({ eventId, quantity: 2 }).cartId ?? ''
    const [completed, abandoned] = [open(), open()]
    expect(valueOf(await adapter.getOrder(listing, completed, BULK))).toMatchObject({ tickets: [], complete: false })
    control.completeCart(completed)
    control.abandonCart(abandoned)
    expect(valueOf(await adapter.getOrder(listing, completed, BULK))?.tickets).toHaveLength(2)
    expect(valueOf(await adapter.getOrder(listing, abandoned, BULK))?.tickets).toEqual([])
  })

  it('returns a refunded order without live tickets and with a newer version', async () => {
    const { adapter, control, listing, buy, advance } = await harnessWithEvent()
    const { orderId } = buy(2)
    const before = valueOf(await adapter.getOrder(listing, orderId, BULK))
    advance(5_000)
    expect(control.refund(orderId)).toBe(2)
    const after = valueOf(await adapter.getOrder(listing, orderId, BULK))
    expect(after?.tickets.map((ticket) => ticket.live)).toEqual([false, false])
    expect(Date.parse(after?.version ?? '')).toBeGreaterThan(Date.parse(before?.version ?? ''))
  })

  it.each(['no', 'yes'] as const)('ignores the order status of a refund (late statuses: %s)', async (late) => {
    const { adapter, simulator, control, listing, buy } = await harnessWithEvent()
    simulator.toggles.patch({ lateOrderStatuses: late })
    const { orderId, attendeeIds } = buy(2)
    control.refund(orderId, attendeeIds.slice(1))
    control.refund(orderId)
    const order = valueOf(await adapter.getOrder(listing, orderId, BULK))
    expect(order?.tickets.map((ticket) => ticket.live)).toEqual([false, false])
  })

  it.each([
    ['yes', false],
    ['no', true],
  ] as const)('follows the flag "refunded" after a refund of money only (flag set: %s)', async (sets, live) => {
    const { adapter, simulator, control, listing, buy } = await harnessWithEvent()
    simulator.toggles.patch({ partialRefundSetsRefunded: sets })
    const { orderId } = buy(1)
    control.refundMoney(orderId)
    expect(valueOf(await adapter.getOrder(listing, orderId, BULK))?.tickets).toMatchObject([{ live }])
  })

  it('reads orders only: voidOrder returns UNSUPPORTED', async () => {
    const { adapter, listing, calls } = await harnessWithEvent()
    expect(adapter.canVoid).toBe(false)
    expect(await adapter.voidOrder(listing, '1', 'oversold', BULK)).toMatchObject({ kind: 'UNSUPPORTED' })
    expect(calls()).toEqual([])
  })
})

describe('listOrders with scope full', () => {
  it('returns every ticket in every state over all pages, with the platform’s count', async () => {
    const harness = await harnessWithEvent()
    const { control, eventId, listing, buy } = harness
    const sales = Array.from({ length: 31 }, (_, i) => buy((i % 7) + 1))
    control.refund(sales[3]?.orderId ?? '')
    control.cancel(sales[30]?.orderId ?? '', sales[30]?.attendeeIds.slice(0, 1))
    control.openCart({ eventId, quantity: 4 })
    const { tickets, pages, count, snapshots } = await readAll(harness, listing, 'full', null)
    const sold = sales.flatMap((sale) => sale.attendeeIds)
    expect([...tickets.keys()].toSorted()).toEqual(sold.toSorted())
    expect([...tickets.values()].filter(Boolean)).toHaveLength(control.truth(eventId).sold)
    expect(count).toBe(sold.length)
    expect(pages).toBe(Math.ceil(sold.length / 50))
    // Only orders that continue from an earlier page are read as a whole.
    expect(snapshots.filter((one) => one.complete).length).toBeLessThan(pages)
  })

  it('never returns an older version of an order than before', async () => {
    const harness = await harnessWithEvent()
    const { control, listing, buy, advance } = harness
    for (let i = 0; i < 4; i++) buy(10)
    buy(5)
    const cut = buy(10)
    // The half on the first page changes later than the half on the second.
    advance(10_000)
    control.cancel(cut.orderId, cut.attendeeIds.slice(0, 2))
    const { snapshots, tickets } = await readAll(harness, listing, 'full', null)
    const whole = snapshots.findLast((one) => one.orderId === cut.orderId)
    expect(whole).toMatchObject({ complete: true })
    expect(whole?.tickets).toHaveLength(10)
    expect(cut.attendeeIds.map((id) => tickets.get(id))).toEqual([false, false, ...Array<boolean>(8).fill(true)])
  })

  it('returns an empty, completed list for an event without sales', async () => {
    const harness = await harnessWithEvent()
    expect(await readAll(harness, harness.listing, 'full', null)).toMatchObject({ pages: 1, count: 0 })
  })

  it('resumes after an interruption from a stored cursor', async () => {
    const harness = await harnessWithEvent()
    const { adapter, listing, buy, calls } = harness
    for (let i = 0; i < 12; i++) buy(10)
    const first = valueOf(await adapter.listOrders(listing, 'full', null, BULK))
    expect(first.done).toBe(false)
    calls()
    const stored = JSON.parse(JSON.stringify(first.nextCursor)) as Cursor
    const { tickets } = await readAll(harness, listing, 'full', stored)
    expect(tickets.size).toBeGreaterThanOrEqual(70)
    expect(calls()[0]).toContain('continuation=')
  })

  it('starts over when the platform no longer knows the position', async () => {
    const harness = await harnessWithEvent()
    for (let i = 0; i < 6; i++) harness.buy(10)
    const { nextCursor } = valueOf(await harness.adapter.listOrders(harness.listing, 'full', null, BULK))
    const run = nextCursor.run as Record<string, unknown>
    const { tickets } = await readAll(harness, harness.listing, 'full', {
      ...nextCursor,
      run: { ...run, continuation: 'x' },
    })
    expect(tickets.size).toBe(60)
  })

  it('returns an attendee that is on two pages as one ticket', async () => {
    const harness = await harnessWithEvent()
    harness.simulator.toggles.patch({ duplicateAcrossPages: 1 })
    for (let i = 0; i < 12; i++) harness.buy(10)
    expect((await readAll(harness, harness.listing, 'full', null)).tickets.size).toBe(120)
  })
})

describe('listOrders with scope changed', () => {
  it('returns what has changed since the last list in one call', async () => {
    const harness = await harnessWithEvent()
    const { control, listing, buy, advance, calls } = harness
    const old = Array.from({ length: 12 }, () => buy(10))
    advance(1_200_000)
    const { cursor } = await readAll(harness, listing, 'full', null)
    advance(600_000)
    const fresh = buy(2)
    control.refund(old[5]?.orderId ?? '')
    calls()
    const { tickets } = await readAll(harness, listing, 'changed', cursor)
    expect([...tickets.keys()].toSorted()).toEqual([...fresh.attendeeIds, ...(old[5]?.attendeeIds ?? [])].toSorted())
    expect(calls()).toEqual([expect.stringContaining('changed_since=')])
  })

  it('overlaps by two minutes, so that stale reads miss nothing', async () => {
    const harness = await harnessWithEvent()
    const { simulator, listing, buy, advance } = harness
    buy(1)
    advance(60_000)
    simulator.knobs.patch({ readLagMs: 20_000 })
    const hidden = buy(1)
    advance(1_000)
    buy(1)
    const first = await readAll(harness, listing, 'changed', null)
    expect(first.tickets.size).toBe(1)
    advance(30_000)
    const { tickets } = await readAll(harness, listing, 'changed', first.cursor)
    expect(tickets.has(hidden.attendeeIds[0] ?? '')).toBe(true)
    expect(tickets.size).toBe(3)
  })

  it('keeps the watermark when nothing changed, and misses no sale during the list', async () => {
    const harness = await harnessWithEvent()
    const { adapter, listing, buy, advance } = harness
    for (let i = 0; i < 12; i++) buy(10)
    const page = valueOf(await adapter.listOrders(listing, 'changed', null, BULK))
    advance(300_000)
    const during = buy(1)
    const rest = await readAll(harness, listing, 'changed', page.nextCursor)
    const again = await readAll(harness, listing, 'changed', rest.cursor)
    expect(again.tickets.has(during.attendeeIds[0] ?? '')).toBe(true)
    const last = await readAll(harness, listing, 'changed', again.cursor)
    expect(last.cursor).toEqual(again.cursor)
  })
})

describe('listOrders with a failing page', () => {
  it('does not complete the list when a page announces more and the next one fails', async () => {
    const { adapter, simulator, listing, buy } = await harnessWithEvent()
    buy(10)
    simulator.knobs.patch({ truncatedPage: 1 })
    const first = valueOf(await adapter.listOrders(listing, 'full', null, BULK))
    expect(first.done).toBe(false)
    expect(await adapter.listOrders(listing, 'full', first.nextCursor, BULK)).toMatchObject({ kind: 'UNAVAILABLE' })
  })

  it('returns UNAVAILABLE for an empty page of an event with sales', async () => {
    const { adapter, simulator, listing, buy } = await harnessWithEvent()
    for (let i = 0; i < 8; i++) buy(10)
    const first = valueOf(await adapter.listOrders(listing, 'full', null, BULK))
    simulator.knobs.patch({ emptyPage: 1 })
    expect(await adapter.listOrders(listing, 'full', null, BULK)).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(await adapter.listOrders(listing, 'full', first.nextCursor, BULK)).toMatchObject({ kind: 'UNAVAILABLE' })
    simulator.knobs.patch({ emptyPage: 0 })
    expect(valueOf(await adapter.listOrders(listing, 'full', first.nextCursor, BULK)).done).toBe(true)
  })

  it('returns GONE for an unknown event', async () => {
    const { adapter } = await harnessWithEvent()
    expect(await adapter.listOrders(listingOf('1'), 'full', null, BULK)).toMatchObject({ kind: 'GONE' })
  })
})
