import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  CONTEXT,
  failureOf,
  startLumaHarness,
  valueOf,
  type LumaHarness,
} from '../../../../test/support/platforms/luma.js'
import type { OrderSnapshot } from '../../../domain/orders/order-snapshot.js'
import type { Cursor, ListScope, Listing } from '../../port.js'

let harness: LumaHarness
beforeAll(async () => {
  harness = await startLumaHarness()
})
afterAll(() => harness.close())

async function listAll(listing: Listing, scope: ListScope, start: Cursor | null = null) {
  const snapshots: OrderSnapshot[] = []
  let cursor = start
  for (let calls = 1; calls <= 50; calls++) {
    const page = valueOf(await harness.adapter.listOrders(listing, scope, cursor, CONTEXT))
    snapshots.push(...page.snapshots)
    cursor = page.nextCursor
    if (page.done) return { snapshots, cursor, calls }
  }
  throw new Error('the listing did not end')
}

const liveTickets = (snapshots: OrderSnapshot[]) =>
  snapshots.flatMap(({ tickets }) => tickets.filter(({ live }) => live).map(({ ticketId }) => ticketId)).toSorted()

describe('LumaAdapter.listOrders', () => {
  it('lists guests page by page in all statuses but invited and in checkout, and finally reads the event', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{ maxCapacity: 500 }] })
    const { control } = harness.simulator
    const guests = harness.sell(truth.eventId, 250)
    control.cancel(truth.eventId, guests[0] ?? '')
    control.changeStatus({ eventId: truth.eventId, guestId: guests[1] ?? '', status: 'waitlist' })
    control.openCart({ eventId: truth.eventId })
    const { snapshots, calls } = await listAll(listing, 'full')
    expect(liveTickets(snapshots)).toEqual(control.truth(truth.eventId).ticketIds.toSorted())
    expect(snapshots.map(({ orderId }) => orderId).toSorted()).toEqual(guests.toSorted())
    expect(calls).toBe(2 + 1 + 1 + 1 + 1)
    expect(snapshots.every(({ complete, externalEventId }) => complete && externalEventId === truth.eventId)).toBe(true)
  })

  it('resumes an interrupted listing from a serialized cursor', async () => {
    const { truth, listing } = harness.createListing()
    harness.sell(truth.eventId, 230)
    const first = valueOf(await harness.adapter.listOrders(listing, 'full', null, CONTEXT))
    expect(first.done).toBe(false)
    const stored = JSON.parse(JSON.stringify(first.nextCursor)) as Cursor
    const rest = await listAll(listing, 'full', stored)
    const all = new Set([...first.snapshots, ...rest.snapshots].map(({ orderId }) => orderId))
    expect(all.size).toBe(115)
  })

  it('lists orders placed since the watermark in one call', async () => {
    const { truth, listing } = harness.createListing()
    harness.sell(truth.eventId, 10)
    const { cursor } = await listAll(listing, 'full')
    const [newGuest = ''] = harness.sell(truth.eventId, 1)
    const changed = await listAll(listing, 'changed', cursor)
    expect(changed.calls).toBe(1)
    expect(changed.snapshots.map(({ orderId }) => orderId)).toContain(newGuest)
    const unchanged = await listAll(listing, 'changed', changed.cursor)
    expect(unchanged.calls).toBe(1)
  })

  it('stops a changed listing ten minutes before the watermark', async () => {
    const { truth, listing } = harness.createListing()
    const guests = harness.sell(truth.eventId, 300)
    const stored = harness.simulator.control.guests(truth.eventId)
    const old = new Set(guests.slice(0, 140))
    for (const guest of stored) if (old.has(guest.id)) guest.registeredAt = Date.now() - 3_600_000
    const changed = await listAll(listing, 'changed', { watermark: new Date().toISOString() })
    expect(changed.calls).toBe(1)
    const fromTheStart = await listAll(listing, 'changed')
    expect(fromTheStart.calls).toBe(2)
  })

  it('rejects a foreign cursor', async () => {
    const { listing } = harness.createListing()
    const outcome = await harness.adapter.listOrders(listing, 'full', { page: 7 }, CONTEXT)
    expect(failureOf(outcome)).toMatchObject({ kind: 'REJECTED', code: 'CURSOR' })
  })
})

describe('LumaAdapter.getOrder', () => {
  it('reads tickets, buyer and ticket class, with the time of the read as the version', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{ maxCapacity: 5, type: 'paid', cents: 1_500 }] })
    const { control } = harness.simulator
    const sold = control.register({ eventId: truth.eventId, email: 'Cy@Example.com', name: 'Cy Example', quantity: 2 })
    const before = new Date().toISOString()
    const order = valueOf(await harness.adapter.getOrder(listing, sold.guestId ?? '', CONTEXT))
    expect(order?.tickets).toMatchObject(
      sold.ticketIds.map((ticketId) => ({ ticketId, live: true, ticketClassId: listing.externalTicketClassId })),
    )
    expect(order?.buyer).toEqual({ name: 'Cy Example', email: 'cy@example.com' })
    expect((order?.version ?? '') >= before).toBe(true)
  })

  it('returns no live ticket after a cancellation, a refund, or while approval is pending', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{}, { requireApproval: true }] })
    const { control } = harness.simulator
    const [cancelled = '', refunded = ''] = harness.sell(truth.eventId, 4)
    control.cancel(truth.eventId, cancelled)
    control.refund(truth.eventId, refunded)
    const pending = control.register({
      eventId: truth.eventId,
      ticketTypeId: truth.ticketTypes[1]?.id ?? '',
      email: 'pending@example.com',
    })
    for (const id of [cancelled, refunded, pending.guestId ?? '']) {
      const order = valueOf(await harness.adapter.getOrder(listing, id, CONTEXT))
      expect(order?.tickets.filter(({ live }) => live)).toEqual([])
      expect(order?.complete).toBe(true)
    }
  })

  it('returns null for an order that Luma does not have, and UNSUPPORTED without a listing', async () => {
    const { listing } = harness.createListing()
    expect(valueOf(await harness.adapter.getOrder(listing, 'gst-none', CONTEXT))).toBeNull()
    expect(failureOf(await harness.adapter.getOrder(null, 'gst-none', CONTEXT)).kind).toBe('UNSUPPORTED')
  })

  it.each([
    ['declined', false],
    ['vanishes', true],
  ] as const)('reads a self-cancelled guest (simulated as: %s)', async (selfCancelShape, gone) => {
    const { truth, listing } = harness.createListing()
    const [guest = ''] = harness.sell(truth.eventId, 2)
    harness.simulator.toggles.patch({ selfCancelShape })
    harness.simulator.control.cancel(truth.eventId, guest)
    harness.simulator.toggles.patch({ selfCancelShape: 'declined' })
    const order = valueOf(await harness.adapter.getOrder(listing, guest, CONTEXT))
    if (gone) expect(order).toBeNull()
    else expect(order?.tickets).toEqual([])
  })
})

describe('LumaAdapter.voidOrder', () => {
  const mailsTo = (guest: string) =>
    harness.simulator.control.context.state.mails.filter(({ guestId }) => guestId === guest)

  it('moves the guest to the waitlist with a refund, idempotently', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{ maxCapacity: 9, type: 'paid', cents: 1_500 }] })
    const [guest = ''] = harness.sell(truth.eventId, 2)
    for (let round = 0; round < 2; round++) {
      valueOf(await harness.adapter.voidOrder(listing, guest, 'We sold out. '.repeat(30), CONTEXT))
    }
    const stored = harness.simulator.control.guests(truth.eventId).find(({ id }) => id === guest)
    expect(stored).toMatchObject({ status: 'waitlist', refundedCents: 3_000, tickets: [] })
    expect(mailsTo(guest)).toHaveLength(1)
    expect(mailsTo(guest)[0]?.message?.length).toBe(200)
    const order = valueOf(await harness.adapter.getOrder(listing, guest, CONTEXT))
    expect(order?.tickets).toEqual([])
  })

  it('rejects a checked-in guest and an unknown guest', async () => {
    const { truth, listing } = harness.createListing()
    const [guest = ''] = harness.sell(truth.eventId, 1)
    harness.simulator.control.checkIn(truth.eventId, guest)
    expect(failureOf(await harness.adapter.voidOrder(listing, guest, 'sorry', CONTEXT))).toMatchObject({
      kind: 'REJECTED',
      code: 'CHECKED_IN',
    })
    expect(failureOf(await harness.adapter.voidOrder(listing, 'gst-none', 'sorry', CONTEXT))).toMatchObject({
      code: 'ORDER_UNKNOWN',
    })
  })

  it('declines the guest where an operator does, whatever is configured', async () => {
    const { truth, listing } = harness.createListing({ ticketTypes: [{ maxCapacity: 9, type: 'paid', cents: 1_500 }] })
    const [guest = ''] = harness.sell(truth.eventId, 2)
    for (let round = 0; round < 2; round++) {
      valueOf(await harness.adapter.declineOrder(listing, guest, 'You have another ticket.', CONTEXT))
    }
    const stored = harness.simulator.control.guests(truth.eventId).find(({ id }) => id === guest)
    expect(stored).toMatchObject({ status: 'declined', refundedCents: 3_000, tickets: [] })
    expect(mailsTo(guest)).toMatchObject([{ message: 'You have another ticket.' }])
  })

  it('declines the guest if so configured', async () => {
    const declining = await startLumaHarness({}, { voidStatus: 'declined' })
    const { truth, listing } = declining.createListing()
    const [guest = ''] = declining.sell(truth.eventId, 1)
    valueOf(await declining.adapter.voidOrder(listing, guest, '', CONTEXT))
    expect(declining.simulator.control.guests(truth.eventId).find(({ id }) => id === guest)?.status).toBe('declined')
    await declining.close()
  })
})
