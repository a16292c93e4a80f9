import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONTEXT, failureOf, lumaStage, valueOf, type LumaStage } from '../../../test/support/luma.js'
import type { OrderSnapshot } from '../../domain/order-snapshot.js'
import type { Cursor, ListScope, Listing } from '../port.js'

let stage: LumaStage
beforeAll(async () => {
  stage = await lumaStage()
})
afterAll(() => stage.close())

async function listAll(listing: Listing, scope: ListScope, start: Cursor | null = null) {
  const snapshots: OrderSnapshot[] = []
  let cursor = start
  for (let calls = 1; calls <= 50; calls++) {
    const page = valueOf(await stage.adapter.listOrders(listing, scope, cursor, CONTEXT))
    snapshots.push(...page.snapshots)
    cursor = page.nextCursor
    if (page.done) return { snapshots, cursor, calls }
  }
  throw new Error('the listing did not end')
}

const liveTickets = (snapshots: OrderSnapshot[]) =>
  snapshots.flatMap(({ tickets }) => tickets.filter(({ live }) => live).map(({ ticketId }) => ticketId)).toSorted()

describe('listing orders', () => {
  it('lists every guest with tickets, page by page, in all states but invited and in checkout, and looks at the event', async () => {
    const { truth, listing } = stage.listed({ ticketTypes: [{ maxCapacity: 500 }] })
    const { control } = stage.simulator
    const guests = stage.sell(truth.eventId, 250)
    control.cancel(truth.eventId, guests[0] ?? '')
    control.changeStatus({ eventId: truth.eventId, guestId: guests[1] ?? '', status: 'waitlist' })
    control.openCart({ eventId: truth.eventId })
    const { snapshots, calls } = await listAll(listing, 'full')
    expect(liveTickets(snapshots)).toEqual(control.truth(truth.eventId).ticketIds.toSorted())
    expect(snapshots.map(({ orderId }) => orderId).toSorted()).toEqual(guests.toSorted())
    expect(calls).toBe(2 + 1 + 1 + 1 + 1)
    expect(snapshots.every(({ complete, externalEventId }) => complete && externalEventId === truth.eventId)).toBe(true)
  })

  it('goes on from an interrupted cursor that went through JSON', async () => {
    const { truth, listing } = stage.listed()
    stage.sell(truth.eventId, 230)
    const first = valueOf(await stage.adapter.listOrders(listing, 'full', null, CONTEXT))
    expect(first.done).toBe(false)
    const stored = JSON.parse(JSON.stringify(first.nextCursor)) as Cursor
    const rest = await listAll(listing, 'full', stored)
    const all = new Set([...first.snapshots, ...rest.snapshots].map(({ orderId }) => orderId))
    expect(all.size).toBe(115)
  })

  it('finds what is new since the watermark in one call', async () => {
    const { truth, listing } = stage.listed()
    stage.sell(truth.eventId, 10)
    const { cursor } = await listAll(listing, 'full')
    const [fresh = ''] = stage.sell(truth.eventId, 1)
    const changed = await listAll(listing, 'changed', cursor)
    expect(changed.calls).toBe(1)
    expect(changed.snapshots.map(({ orderId }) => orderId)).toContain(fresh)
    const again = await listAll(listing, 'changed', changed.cursor)
    expect(again.calls).toBe(1)
  })

  it('stops a changed listing at the watermark, ten minutes early', async () => {
    const { truth, listing } = stage.listed()
    const guests = stage.sell(truth.eventId, 300)
    const stored = stage.simulator.control.guests(truth.eventId)
    const old = new Set(guests.slice(0, 140))
    for (const guest of stored) if (old.has(guest.id)) guest.registeredAt = Date.now() - 3_600_000
    const changed = await listAll(listing, 'changed', { watermark: new Date().toISOString() })
    expect(changed.calls).toBe(1)
    const fromTheStart = await listAll(listing, 'changed')
    expect(fromTheStart.calls).toBe(2)
  })

  it('refuses a cursor that is none of its own', async () => {
    const { listing } = stage.listed()
    const outcome = await stage.adapter.listOrders(listing, 'full', { page: 7 }, CONTEXT)
    expect(failureOf(outcome)).toMatchObject({ kind: 'REJECTED', code: 'CURSOR' })
  })
})

describe('one order', () => {
  it('reads tickets, buyer and class, as of the read', async () => {
    const { truth, listing } = stage.listed({ ticketTypes: [{ maxCapacity: 5, type: 'paid', cents: 1_500 }] })
    const { control } = stage.simulator
    const sold = control.register({ eventId: truth.eventId, email: 'Cy@Example.com', name: 'Cy Example', quantity: 2 })
    const before = new Date().toISOString()
    const order = valueOf(await stage.adapter.getOrder(listing, sold.guestId ?? '', CONTEXT))
    expect(order?.tickets).toEqual(
      sold.ticketIds.map((ticketId) => ({ ticketId, live: true, ticketClassId: listing.externalTicketClassId })),
    )
    expect(order?.buyer).toEqual({ name: 'Cy Example', email: 'cy@example.com' })
    expect((order?.version ?? '') >= before).toBe(true)
  })

  it('has no live ticket after a cancellation, a refund, or while approval is pending', async () => {
    const { truth, listing } = stage.listed({ ticketTypes: [{}, { requireApproval: true }] })
    const { control } = stage.simulator
    const [cancelled = '', refunded = ''] = stage.sell(truth.eventId, 4)
    control.cancel(truth.eventId, cancelled)
    control.refund(truth.eventId, refunded)
    const pending = control.register({
      eventId: truth.eventId,
      ticketTypeId: truth.ticketTypes[1]?.id ?? '',
      email: 'pending@example.com',
    })
    for (const id of [cancelled, refunded, pending.guestId ?? '']) {
      const order = valueOf(await stage.adapter.getOrder(listing, id, CONTEXT))
      expect(order?.tickets.filter(({ live }) => live)).toEqual([])
      expect(order?.complete).toBe(true)
    }
  })

  it('knows no order that Luma does not know; without a listing it cannot ask', async () => {
    const { listing } = stage.listed()
    expect(valueOf(await stage.adapter.getOrder(listing, 'gst-none', CONTEXT))).toBeNull()
    expect(failureOf(await stage.adapter.getOrder(null, 'gst-none', CONTEXT)).kind).toBe('UNSUPPORTED')
  })

  it.each([
    ['declined', false],
    ['vanishes', true],
  ] as const)('meets a self-cancelled guest as %s', async (selfCancelShape, gone) => {
    const { truth, listing } = stage.listed()
    const [guest = ''] = stage.sell(truth.eventId, 2)
    stage.simulator.toggles.patch({ selfCancelShape })
    stage.simulator.control.cancel(truth.eventId, guest)
    stage.simulator.toggles.patch({ selfCancelShape: 'declined' })
    const order = valueOf(await stage.adapter.getOrder(listing, guest, CONTEXT))
    if (gone) expect(order).toBeNull()
    else expect(order?.tickets).toEqual([])
  })
})

describe('voiding an order', () => {
  const mailsTo = (guest: string) => stage.simulator.control.sim.store.mails.filter(({ guestId }) => guestId === guest)

  it('moves the guest to the waitlist with refund, once, however often it is asked', async () => {
    const { truth, listing } = stage.listed({ ticketTypes: [{ maxCapacity: 9, type: 'paid', cents: 1_500 }] })
    const [guest = ''] = stage.sell(truth.eventId, 2)
    for (let round = 0; round < 2; round++) {
      valueOf(await stage.adapter.voidOrder(listing, guest, 'We sold out. '.repeat(30), CONTEXT))
    }
    const stored = stage.simulator.control.guests(truth.eventId).find(({ id }) => id === guest)
    expect(stored).toMatchObject({ status: 'waitlist', refundedCents: 3_000, tickets: [] })
    expect(mailsTo(guest)).toHaveLength(1)
    expect(mailsTo(guest)[0]?.message?.length).toBe(200)
    const order = valueOf(await stage.adapter.getOrder(listing, guest, CONTEXT))
    expect(order?.tickets).toEqual([])
  })

  it('leaves a checked-in guest alone, and names one it does not know', async () => {
    const { truth, listing } = stage.listed()
    const [guest = ''] = stage.sell(truth.eventId, 1)
    stage.simulator.control.checkIn(truth.eventId, guest)
    expect(failureOf(await stage.adapter.voidOrder(listing, guest, 'sorry', CONTEXT))).toMatchObject({
      kind: 'REJECTED',
      code: 'CHECKED_IN',
    })
    expect(failureOf(await stage.adapter.voidOrder(listing, 'gst-none', 'sorry', CONTEXT))).toMatchObject({
      code: 'ORDER_UNKNOWN',
    })
  })

  it('declines instead where the policy says so', async () => {
    const own = await lumaStage({}, { voidStatus: 'declined' })
    const { truth, listing } = own.listed()
    const [guest = ''] = own.sell(truth.eventId, 1)
    valueOf(await own.adapter.voidOrder(listing, guest, '', CONTEXT))
    expect(own.simulator.control.guests(truth.eventId).find(({ id }) => id === guest)?.status).toBe('declined')
    await own.close()
  })
})
