import { describe, expect, it } from 'vitest'
import { listingOf, startBench, valueOf, type Bench } from '../../../test/support/eventbrite.js'
import type { OrderSnapshot } from '../../domain/order-snapshot.js'
import type { CallContext, Cursor, Listing, ListScope } from '../port.js'

const BULK: CallContext = { lane: 'bulk' }

async function benchWithEvent() {
  const bench = await startBench()
  const { id } = bench.simulator.control.createEvent({ capacity: 1_000 })
  const buy = (quantity: number) => {
    const sale = bench.simulator.control.buy({ eventId: id, quantity })
    if (sale.orderId === null) throw new Error(sale.reason)
    return sale
  }
  return { ...bench, control: bench.simulator.control, eventId: id, listing: listingOf(id), buy }
}

/** Reads a listing to its end, as the core does: ticket ids with whether they are live. */
async function readAll({ adapter }: Bench, listing: Listing, scope: ListScope, from: Cursor | null) {
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

describe('one order', () => {
  it('is read whole with one call', async () => {
    const { adapter, control, listing, buy, calls } = await benchWithEvent()
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

  it('that the platform does not know (yet) is null, not a failure', async () => {
    const { adapter, simulator, listing, buy } = await benchWithEvent()
    expect(await adapter.getOrder(listing, '15699999999', BULK)).toEqual({ kind: 'OK', value: null })
    simulator.knobs.patch({ readLagMs: 30_000 })
    expect(await adapter.getOrder(listing, buy(1).orderId, BULK)).toEqual({ kind: 'OK', value: null })
  })

  it('whose attendees are left out is completed from the list', async () => {
    const { adapter, simulator, listing, buy, calls } = await benchWithEvent()
    simulator.toggles.patch({ emptyExpansion: 1 })
    const order = valueOf(await adapter.getOrder(listing, buy(2).orderId, BULK))
    expect(order).toMatchObject({ complete: true, tickets: [{ live: true }, { live: true }] })
    expect(calls()).toHaveLength(2)
  })

  it('in a cart holds nothing, abandoned neither, completed all', async () => {
    const { adapter, control, listing, eventId } = await benchWithEvent()
    const open = () => control.openCart({ eventId, quantity: 2 }).cartId ?? ''
    const [completed, abandoned] = [open(), open()]
    expect(valueOf(await adapter.getOrder(listing, completed, BULK))).toMatchObject({ tickets: [], complete: false })
    control.completeCart(completed)
    control.abandonCart(abandoned)
    expect(valueOf(await adapter.getOrder(listing, completed, BULK))?.tickets).toHaveLength(2)
    expect(valueOf(await adapter.getOrder(listing, abandoned, BULK))?.tickets).toEqual([])
  })

  it('refunded has no live ticket and a newer version', async () => {
    const { adapter, control, listing, buy, advance } = await benchWithEvent()
    const { orderId } = buy(2)
    const before = valueOf(await adapter.getOrder(listing, orderId, BULK))
    advance(5_000)
    expect(control.refund(orderId)).toBe(2)
    const after = valueOf(await adapter.getOrder(listing, orderId, BULK))
    expect(after?.tickets.map((ticket) => ticket.live)).toEqual([false, false])
    expect(Date.parse(after?.version ?? '')).toBeGreaterThan(Date.parse(before?.version ?? ''))
  })

  it.each(['no', 'yes'] as const)('late order statuses (%s) change nothing: the flags decide', async (late) => {
    const { adapter, simulator, control, listing, buy } = await benchWithEvent()
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
  ] as const)('a refund of money only, where it sets "refunded": %s', async (sets, live) => {
    const { adapter, simulator, control, listing, buy } = await benchWithEvent()
    simulator.toggles.patch({ partialRefundSetsRefunded: sets })
    const { orderId } = buy(1)
    control.refundMoney(orderId)
    expect(valueOf(await adapter.getOrder(listing, orderId, BULK))?.tickets).toMatchObject([{ live }])
  })

  it('cannot be voided through the API', async () => {
    const { adapter, listing, calls } = await benchWithEvent()
    expect(adapter.canVoid).toBe(false)
    expect(await adapter.voidOrder(listing, '1', 'oversold', BULK)).toMatchObject({ kind: 'UNSUPPORTED' })
    expect(calls()).toEqual([])
  })
})

describe('a full listing', () => {
  it('shows every ticket in every state, over pages, with the platform count', async () => {
    const bench = await benchWithEvent()
    const { control, eventId, listing, buy } = bench
    const sales = Array.from({ length: 31 }, (_, i) => buy((i % 7) + 1))
    control.refund(sales[3]?.orderId ?? '')
    control.cancel(sales[30]?.orderId ?? '', sales[30]?.attendeeIds.slice(0, 1))
    control.openCart({ eventId, quantity: 4 })
    const { tickets, pages, count, snapshots } = await readAll(bench, listing, 'full', null)
    const sold = sales.flatMap((sale) => sale.attendeeIds)
    expect([...tickets.keys()].toSorted()).toEqual(sold.toSorted())
    expect([...tickets.values()].filter(Boolean)).toHaveLength(control.truth(eventId).sold)
    expect(count).toBe(sold.length)
    expect(pages).toBe(Math.ceil(sold.length / 50))
    // Only the orders that a page may have cut are read whole.
    expect(snapshots.filter((one) => one.complete).length).toBeLessThan(pages)
  })

  it('never shows a part of an order as older than what it showed before', async () => {
    const bench = await benchWithEvent()
    const { control, listing, buy, advance } = bench
    for (let i = 0; i < 4; i++) buy(10)
    buy(5)
    const cut = buy(10)
    // The half on the first page changes later than the half on the second.
    advance(10_000)
    control.cancel(cut.orderId, cut.attendeeIds.slice(0, 2))
    const { snapshots, tickets } = await readAll(bench, listing, 'full', null)
    const whole = snapshots.findLast((one) => one.orderId === cut.orderId)
    expect(whole).toMatchObject({ complete: true })
    expect(whole?.tickets).toHaveLength(10)
    expect(cut.attendeeIds.map((id) => tickets.get(id))).toEqual([false, false, ...Array<boolean>(8).fill(true)])
  })

  it('of an event without sales is empty and done', async () => {
    const bench = await benchWithEvent()
    expect(await readAll(bench, bench.listing, 'full', null)).toMatchObject({ pages: 1, count: 0 })
  })

  it('goes on after an interruption, from a cursor that was stored', async () => {
    const bench = await benchWithEvent()
    const { adapter, listing, buy, calls } = bench
    for (let i = 0; i < 12; i++) buy(10)
    const first = valueOf(await adapter.listOrders(listing, 'full', null, BULK))
    expect(first.done).toBe(false)
    calls()
    const stored = JSON.parse(JSON.stringify(first.nextCursor)) as Cursor
    const { tickets } = await readAll(bench, listing, 'full', stored)
    expect(tickets.size).toBeGreaterThanOrEqual(70)
    expect(calls()[0]).toContain('continuation=')
  })

  it('starts over when the platform has forgotten the place', async () => {
    const bench = await benchWithEvent()
    for (let i = 0; i < 6; i++) bench.buy(10)
    const { nextCursor } = valueOf(await bench.adapter.listOrders(bench.listing, 'full', null, BULK))
    const run = nextCursor.run as Record<string, unknown>
    const { tickets } = await readAll(bench, bench.listing, 'full', {
      ...nextCursor,
      run: { ...run, continuation: 'x' },
    })
    expect(tickets.size).toBe(60)
  })

  it('counts an attendee once that two pages show', async () => {
    const bench = await benchWithEvent()
    bench.simulator.toggles.patch({ duplicateAcrossPages: 1 })
    for (let i = 0; i < 12; i++) bench.buy(10)
    expect((await readAll(bench, bench.listing, 'full', null)).tickets.size).toBe(120)
  })
})

describe('a listing of changes', () => {
  it('shows what changed since the last one and little else', async () => {
    const bench = await benchWithEvent()
    const { control, listing, buy, advance, calls } = bench
    const old = Array.from({ length: 12 }, () => buy(10))
    advance(1_200_000)
    const { cursor } = await readAll(bench, listing, 'full', null)
    advance(600_000)
    const fresh = buy(2)
    control.refund(old[5]?.orderId ?? '')
    calls()
    const { tickets } = await readAll(bench, listing, 'changed', cursor)
    expect([...tickets.keys()].toSorted()).toEqual([...fresh.attendeeIds, ...(old[5]?.attendeeIds ?? [])].toSorted())
    expect(calls()).toEqual([expect.stringContaining('changed_since=')])
  })

  it('looks back two minutes, so that late and stale reads are made up for', async () => {
    const bench = await benchWithEvent()
    const { simulator, listing, buy, advance } = bench
    buy(1)
    advance(60_000)
    simulator.knobs.patch({ readLagMs: 20_000 })
    const hidden = buy(1)
    advance(1_000)
    buy(1)
    const first = await readAll(bench, listing, 'changed', null)
    expect(first.tickets.size).toBe(1)
    advance(30_000)
    const { tickets } = await readAll(bench, listing, 'changed', first.cursor)
    expect(tickets.has(hidden.attendeeIds[0] ?? '')).toBe(true)
    expect(tickets.size).toBe(3)
  })

  it('keeps its watermark when nothing changed, and misses nothing sold while it ran', async () => {
    const bench = await benchWithEvent()
    const { adapter, listing, buy, advance } = bench
    for (let i = 0; i < 12; i++) buy(10)
    const page = valueOf(await adapter.listOrders(listing, 'changed', null, BULK))
    advance(300_000)
    const during = buy(1)
    const rest = await readAll(bench, listing, 'changed', page.nextCursor)
    const again = await readAll(bench, listing, 'changed', rest.cursor)
    expect(again.tickets.has(during.attendeeIds[0] ?? '')).toBe(true)
    const last = await readAll(bench, listing, 'changed', again.cursor)
    expect(last.cursor).toEqual(again.cursor)
  })
})

describe('pages that fail', () => {
  it('a page that says there is more, and the next one fails: nothing is concluded', async () => {
    const { adapter, simulator, listing, buy } = await benchWithEvent()
    buy(10)
    simulator.knobs.patch({ truncatedPage: 1 })
    const first = valueOf(await adapter.listOrders(listing, 'full', null, BULK))
    expect(first.done).toBe(false)
    expect(await adapter.listOrders(listing, 'full', first.nextCursor, BULK)).toMatchObject({ kind: 'UNAVAILABLE' })
  })

  it('an empty page is no empty event', async () => {
    const { adapter, simulator, listing, buy } = await benchWithEvent()
    for (let i = 0; i < 8; i++) buy(10)
    const first = valueOf(await adapter.listOrders(listing, 'full', null, BULK))
    simulator.knobs.patch({ emptyPage: 1 })
    expect(await adapter.listOrders(listing, 'full', null, BULK)).toMatchObject({ kind: 'UNAVAILABLE' })
    expect(await adapter.listOrders(listing, 'full', first.nextCursor, BULK)).toMatchObject({ kind: 'UNAVAILABLE' })
    simulator.knobs.patch({ emptyPage: 0 })
    expect(valueOf(await adapter.listOrders(listing, 'full', first.nextCursor, BULK)).done).toBe(true)
  })

  it('an event that is gone is GONE, not empty', async () => {
    const { adapter } = await benchWithEvent()
    expect(await adapter.listOrders(listingOf('1'), 'full', null, BULK)).toMatchObject({ kind: 'GONE' })
  })
})
