import { describe, expect, it } from 'vitest'
import { listingOf, startHarness, valueOf } from '../../../../test/support/platforms/eventbrite.js'
import type { CallContext } from '../../port.js'

const GROW: CallContext = { lane: 'grow' }
const PROTECT: CallContext = { lane: 'protect' }
const BULK: CallContext = { lane: 'bulk' }

/** Both kinds of channel, on an event of 100 with one class. */
const KINDS = ['whole event', 'ticket class'] as const

async function harnessFor(kind: (typeof KINDS)[number], capacity = 100) {
  const harness = await startHarness()
  const { control } = harness.simulator
  const { id, classes } = control.createEvent({ capacity, capacityTotal: capacity, txTimeLimitSeconds: 480 })
  const classId = classes[0]?.id ?? ''
  const listing = { ...listingOf(id, kind === 'ticket class' ? classId : null), acknowledgedCap: capacity }
  const buy = (quantity: number) => control.buy({ eventId: id, quantity })
  const cap = () => (kind === 'ticket class' ? control.truth(id).classes[0]?.capacity : control.truth(id).capacity)
  return { ...harness, control, eventId: id, classId, listing, buy, cap }
}

describe.each(KINDS)('EventbriteAdapter with a %s as the channel', (kind) => {
  it('reads cap, sold and pending in the documented number of calls', async () => {
    const { adapter, control, listing, eventId, buy, calls } = await harnessFor(kind)
    buy(3)
    control.openCart({ eventId, quantity: 2 })
    const reading = valueOf(await adapter.readChannel(listing, PROTECT))
    expect(reading).toMatchObject({ cap: 100, capSource: 'read', sold: 3, pending: 2, mode: 'OPEN' })
    expect(calls()).toHaveLength(kind === 'ticket class' ? 2 : 1)
  })

  it('writes an absolute cap, confirms it from the response, and then reads the same', async () => {
    const { adapter, listing, calls, cap } = await harnessFor(kind)
    const confirmed = valueOf(await adapter.writeCap(listing, 58, GROW))
    expect(confirmed).toMatchObject({ cap: 58, mode: 'OPEN', pending: 0 })
    // After a reduction, the carts of a class are read and then the class again.
    expect(calls()).toHaveLength(kind === 'ticket class' ? 3 : 1)
    expect(cap()).toBe(58)
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(58)
  })

  it('clamps a cap once to the tickets sold, and returns the cap in force', async () => {
    const { adapter, listing, buy, cap } = await harnessFor(kind)
    buy(5)
    buy(4)
    expect(valueOf(await adapter.writeCap(listing, 2, PROTECT))).toMatchObject({ cap: 9, mode: 'WAITLIST_ONLY' })
    expect(cap()).toBe(9)
    expect(buy(1).orderId).toBeNull()
  })

  it('never sends 0, null or an invalid number as a cap', async () => {
    const { adapter, listing, cap } = await harnessFor(kind)
    expect(valueOf(await adapter.writeCap(listing, 0, PROTECT)).cap).toBe(1)
    expect(cap()).toBe(1)
    for (const invalid of [-1, 1.5, Number.NaN, Infinity]) {
      expect(await adapter.writeCap(listing, invalid, PROTECT)).toMatchObject({ kind: 'REJECTED', code: 'INVALID_CAP' })
    }
    expect(cap()).toBe(1)
  })

  it('reports open carts after a reduction, which does not evict them', async () => {
    const { adapter, control, listing, eventId, buy } = await harnessFor(kind)
    buy(2)
    const { cartId } = control.openCart({ eventId, quantity: 6 })
    const confirmed = valueOf(await adapter.writeCap(listing, 3, PROTECT))
    // The event's capacity cannot go below its carts; a class's can.
    expect(confirmed).toMatchObject({ cap: kind === 'ticket class' ? 3 : 8, pending: 6, mode: 'WAITLIST_ONLY' })
    control.completeCart(cartId ?? '')
    const reading = valueOf(await adapter.readChannel(listing, PROTECT))
    expect(reading).toMatchObject({ sold: 8, pending: 0, mode: 'WAITLIST_ONLY' })
  })

  it('closes with a cap equal to sold, so that no ticket can be bought, and opens with the new cap', async () => {
    const { adapter, control, listing, eventId, buy, cap } = await harnessFor(kind)
    buy(7)
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 50, PROTECT))).toMatchObject({
      cap: 7,
      mode: 'WAITLIST_ONLY',
    })
    expect(buy(1)).toMatchObject({ orderId: null, reason: 'SOLD_OUT' })
    expect(control.truth(eventId).classes[0]?.hidden).toBe(false)
    expect(valueOf(await adapter.readChannel(listing, BULK)).mode).toBe('WAITLIST_ONLY')
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 40, GROW))).toMatchObject({ cap: 40, mode: 'OPEN' })
    expect(cap()).toBe(40)
    expect(buy(1).orderId).not.toBeNull()
  })

  it('closes an event without a sale, where the cap cannot go below 1', async () => {
    const { adapter, listing, buy, cap } = await harnessFor(kind)
    const closed = valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 50, PROTECT))
    expect(closed).toMatchObject({ cap: 1, mode: 'WAITLIST_ONLY' })
    expect(cap()).toBe(1)
    expect(buy(1).orderId).toBeNull()
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).mode).toBe('WAITLIST_ONLY')
    // Closing is idempotent.
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 50, PROTECT)).mode).toBe('WAITLIST_ONLY')
    expect(buy(1).orderId).toBeNull()
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 30, GROW))).toMatchObject({ cap: 30, mode: 'OPEN' })
    expect(buy(10).orderId).not.toBeNull()
    expect(buy(10).orderId).not.toBeNull()
    expect(buy(10).orderId).not.toBeNull()
    expect(buy(1).orderId).toBeNull()
  })

  it('closes by the end of sales where a hold is refused, and undoes that when it opens', async () => {
    const { adapter, simulator, listing, buy } = await harnessFor(kind)
    simulator.toggles.patch({ hidingRefused: 'yes', holdsRefused: 'yes' })
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 50, PROTECT)).mode).toBe('WAITLIST_ONLY')
    expect(buy(1)).toMatchObject({ orderId: null, reason: 'NOT_ON_SALE' })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).mode).toBe('WAITLIST_ONLY')
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 30, GROW))).toMatchObject({ cap: 30, mode: 'OPEN' })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).mode).toBe('OPEN')
    expect(buy(3).orderId).not.toBeNull()
  })

  it('does not change an end of sales that the organizer has set', async () => {
    const { adapter, control, listing, eventId, classId } = await harnessFor(kind)
    control.edit(eventId, classId, { sales_end: '2026-01-01T12:00:00Z' })
    // Confirmed as open: otherwise it would be opened again and again.
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 30, GROW))).toMatchObject({ cap: 30, mode: 'OPEN' })
    expect(valueOf(await adapter.writeCap(listing, 20, GROW))).toMatchObject({ cap: 20, mode: 'OPEN' })
    expect(valueOf(await adapter.readChannel(listing, BULK)).mode).toBe('WAITLIST_ONLY')
    expect(control.truth(eventId).salesStatus).toBe('sales_ended')
  })

  it('accepts a cap below sold where the platform does', async () => {
    const { adapter, simulator, listing, buy } = await harnessFor(kind)
    simulator.toggles.patch({ capacityBelowSold: 'accept' })
    buy(9)
    expect(valueOf(await adapter.writeCap(listing, 2, PROTECT))).toMatchObject({ cap: 2, mode: 'WAITLIST_ONLY' })
  })

  it('confirms a cap from fresh data while reads are stale', async () => {
    const { adapter, simulator, control, listing, eventId, advance } = await harnessFor(kind)
    advance(60_000)
    simulator.knobs.patch({ readLagMs: 30_000 })
    control.openCart({ eventId, quantity: 2 })
    expect(valueOf(await adapter.writeCap(listing, 40, GROW))).toMatchObject({ cap: 40, pending: 2 })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(100)
    advance(31_000)
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(40)
  })

  it('returns GONE for an unknown event, and REJECTED without a request for an invalid id', async () => {
    const { adapter, listing, calls } = await harnessFor(kind)
    const gone = listingOf('1', listing.externalTicketClassId)
    expect(await adapter.writeCap(gone, 5, GROW)).toMatchObject({ kind: 'GONE' })
    expect(await adapter.readChannel(gone, GROW)).toMatchObject({ kind: 'GONE' })
    calls()
    for (const id of ['', '.', '..', 'a\u0000', 'x'.repeat(201), '\ud83d']) {
      const invalid = listingOf(id, listing.externalTicketClassId)
      expect(await adapter.writeCap(invalid, 5, GROW)).toMatchObject({ kind: 'REJECTED', code: 'INVALID_ID' })
    }
    expect(calls()).toEqual([])
  })
})

describe('EventbriteAdapter with a whole event', () => {
  it('does not call an event open whose opening was interrupted before our hold was removed', async () => {
    const { adapter, listing, buy } = await harnessFor('whole event')
    valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 50, PROTECT))
    // The first of the two calls that open it: our hold still reserves one of the three.
    expect(valueOf(await adapter.writeCap(listing, 3, GROW))).toMatchObject({ cap: 2, mode: 'UNKNOWN' })
    for (const context of [PROTECT, BULK])
      expect(valueOf(await adapter.readChannel(listing, context))).toMatchObject({ cap: 2, mode: 'UNKNOWN' })
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 3, GROW))).toMatchObject({ cap: 3, mode: 'OPEN' })
    expect(buy(3).orderId).not.toBeNull()
  })

  it('keeps the holds of the organizer when it closes and opens the event', async () => {
    const { adapter, control, listing, eventId, buy } = await harnessFor('whole event')
    control.edit(eventId, null, { holds: [{ name: 'Sponsors', quantity_total: 20 }] })
    buy(5)
    expect(valueOf(await adapter.writeCap(listing, 10, PROTECT))).toMatchObject({ cap: 25, mode: 'WAITLIST_ONLY' })
    expect(buy(1).orderId).toBeNull()
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 50, PROTECT)).cap).toBe(25)
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 50, GROW))).toMatchObject({ cap: 50, mode: 'OPEN' })
    expect(control.truth(eventId)).toMatchObject({ heldBack: 20, capacity: 50 })
  })

  it('reads the availability of the waitlist in the bulk lane', async () => {
    const { adapter, simulator, listing, buy } = await harnessFor('whole event', 5)
    expect(valueOf(await adapter.readChannel(listing, BULK)).waitlistAvailable).toBe(false)
    buy(5)
    expect(valueOf(await adapter.readChannel(listing, BULK))).toMatchObject({
      mode: 'WAITLIST_ONLY',
      waitlistAvailable: true,
    })
    simulator.toggles.patch({ waitlistOpensOn: 'never' })
    expect(valueOf(await adapter.readChannel(listing, BULK)).waitlistAvailable).toBe(false)
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).waitlistAvailable).toBeNull()
  })

  it('caps an event with tiered inventory by its tiers', async () => {
    const { simulator, adapter } = await startHarness()
    const { control } = simulator
    const { id } = control.createEvent({
      tiers: [{ quantityTotal: 60 }, { quantityTotal: 40 }],
      classes: [
        { capacity: null, tier: 0 },
        { capacity: null, tier: 1 },
      ],
    })
    control.buy({ eventId: id, quantity: 10 })
    const listing = listingOf(id)
    expect(valueOf(await adapter.readChannel(listing, PROTECT))).toMatchObject({ cap: 100, sold: 10 })
    expect(valueOf(await adapter.writeCap(listing, 50, PROTECT))).toMatchObject({ cap: 50, mode: 'OPEN' })
    const tiers = control.truth(id).tiers.map((tier) => tier.quantityTotal ?? 0)
    expect(tiers.reduce((sum, one) => sum + one, 0)).toBe(50)
    expect(tiers[0]).toBeGreaterThanOrEqual(10)
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(50)
  })

  it('writes a cap when the platform requires a wrapped body', async () => {
    const { adapter, simulator, listing, cap } = await harnessFor('whole event')
    simulator.toggles.patch({ tierWrapper: 'wrapped' })
    expect(valueOf(await adapter.writeCap(listing, 44, GROW)).cap).toBe(44)
    expect(cap()).toBe(44)
  })

  it('reads a total of 0 as no cap', async () => {
    const { adapter, simulator, control, listing, eventId } = await harnessFor('whole event')
    simulator.toggles.patch({ capacityTotalZero: 'unlimited' })
    control.edit(eventId, null, { capacity_total: 0 })
    expect(valueOf(await adapter.readChannel(listing, PROTECT))).toMatchObject({ cap: null, capSource: 'none' })
  })
})

describe('EventbriteAdapter with a desired cap of 0', () => {
  it('writes a cap of 1 where 0 would mean "unlimited"', async () => {
    const { simulator, adapter } = await startHarness()
    simulator.toggles.patch({ capacityTotalZero: 'unlimited' })
    const { id, classes } = simulator.control.createEvent({ classes: [{ capacity: 50, donation: true }] })
    for (const listing of [listingOf(id), listingOf(id, classes[0]?.id)]) {
      expect(valueOf(await adapter.writeCap(listing, 0, PROTECT)).cap).toBe(1)
      expect(valueOf(await adapter.setMode(listing, 'OPEN', 0, PROTECT)).cap).toBe(1)
      expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 0, PROTECT)).cap).toBe(1)
    }
    const { capacity } = simulator.control.truth(id)
    expect(capacity).toBe(1)
  })
})

describe('EventbriteAdapter with a ticket class', () => {
  it('reads a donation class without a capacity as unlimited until a cap is written', async () => {
    const { simulator, adapter } = await startHarness()
    const { id, classes } = simulator.control.createEvent({ classes: [{ capacity: null, donation: true }] })
    const listing = listingOf(id, classes[0]?.id)
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe('UNLIMITED')
    expect(valueOf(await adapter.writeCap(listing, 12, PROTECT)).cap).toBe(12)
  })

  it('reads the smallest limit of tier and event as the cap of a class without a capacity', async () => {
    const { simulator, adapter } = await startHarness()
    const plan = { tiers: [{ quantityTotal: 30 }], classes: [{ capacity: null, tier: 0 }] }
    const { id, classes } = simulator.control.createEvent(plan)
    expect(valueOf(await adapter.readChannel(listingOf(id, classes[0]?.id), PROTECT)).cap).toBe(30)
  })

  it('keeps a class hidden that the organizer has hidden', async () => {
    const { adapter, control, listing, eventId, classId } = await harnessFor('ticket class')
    control.edit(eventId, classId, { hidden: true })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).mode).toBe('WAITLIST_ONLY')
    const expectHidden = (capacity: number) =>
      expect(control.truth(eventId).classes[0]).toMatchObject({ hidden: true, capacity })
    // Opened right after import, then closed and opened again: confirmed as open.
    const imported = { ...listing, acknowledgedCap: null }
    expect(valueOf(await adapter.setMode(imported, 'OPEN', 20, GROW))).toMatchObject({ cap: 20, mode: 'OPEN' })
    expectHidden(20)
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 1, PROTECT)).mode).toBe('WAITLIST_ONLY')
    expectHidden(1)
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 30, GROW))).toMatchObject({ cap: 30, mode: 'OPEN' })
    expectHidden(30)
  })
})
