import { describe, expect, it } from 'vitest'
import { listingOf, startBench, valueOf } from '../../../test/support/eventbrite.js'
import type { CallContext } from '../port.js'

const GROW: CallContext = { lane: 'grow' }
const PROTECT: CallContext = { lane: 'protect' }
const BULK: CallContext = { lane: 'bulk' }

/** Both kinds of channel, on an event of 100 with one class. */
const KINDS = ['whole event', 'ticket class'] as const

async function benchFor(kind: (typeof KINDS)[number], capacity = 100) {
  const bench = await startBench()
  const { control } = bench.simulator
  const { id, classes } = control.createEvent({ capacity, capacityTotal: capacity, txTimeLimitSeconds: 480 })
  const classId = classes[0]?.id ?? ''
  const listing = { ...listingOf(id, kind === 'ticket class' ? classId : null), acknowledgedCap: capacity }
  const buy = (quantity: number) => control.buy({ eventId: id, quantity })
  const cap = () => (kind === 'ticket class' ? control.truth(id).classes[0]?.capacity : control.truth(id).capacity)
  return { ...bench, control, eventId: id, classId, listing, buy, cap }
}

describe.each(KINDS)('caps of a %s', (kind) => {
  it('reads cap, sold and pending at the documented price', async () => {
    const { adapter, control, listing, eventId, buy, calls } = await benchFor(kind)
    buy(3)
    control.openCart({ eventId, quantity: 2 })
    const reading = valueOf(await adapter.readChannel(listing, PROTECT))
    expect(reading).toMatchObject({ cap: 100, capSource: 'read', sold: 3, pending: 2, mode: 'OPEN' })
    expect(calls()).toHaveLength(kind === 'ticket class' ? 2 : 1)
  })

  it('writes an absolute cap and confirms it from the answer; a read shows the same', async () => {
    const { adapter, listing, calls, cap } = await benchFor(kind)
    const confirmed = valueOf(await adapter.writeCap(listing, 58, GROW))
    expect(confirmed).toMatchObject({ cap: 58, mode: 'OPEN', pending: 0 })
    // After a shrink of a class its carts are read, then the class once more.
    expect(calls()).toHaveLength(kind === 'ticket class' ? 3 : 1)
    expect(cap()).toBe(58)
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(58)
  })

  it('clamps a shrink below what is sold, once, and says what stands', async () => {
    const { adapter, listing, buy, cap } = await benchFor(kind)
    buy(5)
    buy(4)
    expect(valueOf(await adapter.writeCap(listing, 2, PROTECT))).toMatchObject({ cap: 9, mode: 'WAITLIST_ONLY' })
    expect(cap()).toBe(9)
    expect(buy(1).orderId).toBeNull()
  })

  it('never sends 0 or null, whatever it is asked', async () => {
    const { adapter, listing, cap } = await benchFor(kind)
    expect(valueOf(await adapter.writeCap(listing, 0, PROTECT)).cap).toBe(1)
    expect(cap()).toBe(1)
    for (const wrong of [-1, 1.5, Number.NaN, Infinity]) {
      expect(await adapter.writeCap(listing, wrong, PROTECT)).toMatchObject({ kind: 'REJECTED', code: 'INVALID_CAP' })
    }
    expect(cap()).toBe(1)
  })

  it('reports open carts after a shrink, which does not evict them', async () => {
    const { adapter, control, listing, eventId, buy } = await benchFor(kind)
    buy(2)
    const { cartId } = control.openCart({ eventId, quantity: 6 })
    const confirmed = valueOf(await adapter.writeCap(listing, 3, PROTECT))
    // The event's capacity cannot go below its carts; a class's can.
    expect(confirmed).toMatchObject({ cap: kind === 'ticket class' ? 3 : 8, pending: 6, mode: 'WAITLIST_ONLY' })
    control.completeCart(cartId ?? '')
    const reading = valueOf(await adapter.readChannel(listing, PROTECT))
    expect(reading).toMatchObject({ sold: 8, pending: 0, mode: 'WAITLIST_ONLY' })
  })

  it('closes by cap = sold, so that nobody can buy, and opens again at the new cap', async () => {
    const { adapter, control, listing, eventId, buy, cap } = await benchFor(kind)
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

  it('closes an event without a single sale, where the cap cannot go below 1', async () => {
    const { adapter, listing, buy, cap } = await benchFor(kind)
    const closed = valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 50, PROTECT))
    expect(closed).toMatchObject({ cap: 1, mode: 'WAITLIST_ONLY' })
    expect(cap()).toBe(1)
    expect(buy(1).orderId).toBeNull()
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).mode).toBe('WAITLIST_ONLY')
    // Closing twice is the same as once.
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 50, PROTECT)).mode).toBe('WAITLIST_ONLY')
    expect(buy(1).orderId).toBeNull()
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 30, GROW))).toMatchObject({ cap: 30, mode: 'OPEN' })
    expect(buy(10).orderId).not.toBeNull()
    expect(buy(10).orderId).not.toBeNull()
    expect(buy(10).orderId).not.toBeNull()
    expect(buy(1).orderId).toBeNull()
  })

  it('falls back to the end of sales where the gentler way is refused, and undoes it', async () => {
    const { adapter, simulator, listing, buy } = await benchFor(kind)
    simulator.toggles.patch({ hidingRefused: 'yes', holdsRefused: 'yes' })
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 50, PROTECT)).mode).toBe('WAITLIST_ONLY')
    expect(buy(1)).toMatchObject({ orderId: null, reason: 'NOT_ON_SALE' })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).mode).toBe('WAITLIST_ONLY')
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 30, GROW))).toMatchObject({ cap: 30, mode: 'OPEN' })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).mode).toBe('OPEN')
    expect(buy(3).orderId).not.toBeNull()
  })

  it('leaves an end of sales alone that an organiser set', async () => {
    const { adapter, control, listing, eventId, classId } = await benchFor(kind)
    control.edit(eventId, classId, { sales_end: '2026-01-01T12:00:00Z' })
    // For our part it is open: to say otherwise would have it opened again and again.
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 30, GROW))).toMatchObject({ cap: 30, mode: 'OPEN' })
    expect(valueOf(await adapter.writeCap(listing, 20, GROW))).toMatchObject({ cap: 20, mode: 'OPEN' })
    expect(valueOf(await adapter.readChannel(listing, BULK)).mode).toBe('WAITLIST_ONLY')
    expect(control.truth(eventId).salesStatus).toBe('sales_ended')
  })

  it('takes a cap below what is sold as it stands, where the platform accepts one', async () => {
    const { adapter, simulator, listing, buy } = await benchFor(kind)
    simulator.toggles.patch({ capacityBelowSold: 'accept' })
    buy(9)
    expect(valueOf(await adapter.writeCap(listing, 2, PROTECT))).toMatchObject({ cap: 2, mode: 'WAITLIST_ONLY' })
  })

  it('confirms from fresh data while reads lag behind', async () => {
    const { adapter, simulator, control, listing, eventId, advance } = await benchFor(kind)
    advance(60_000)
    simulator.knobs.patch({ readLagMs: 30_000 })
    control.openCart({ eventId, quantity: 2 })
    expect(valueOf(await adapter.writeCap(listing, 40, GROW))).toMatchObject({ cap: 40, pending: 2 })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(100)
    advance(31_000)
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe(40)
  })

  it('an event that is gone is GONE; an id that leads elsewhere is refused before it is sent', async () => {
    const { adapter, listing, calls } = await benchFor(kind)
    const gone = listingOf('1', listing.externalTicketClassId)
    expect(await adapter.writeCap(gone, 5, GROW)).toMatchObject({ kind: 'GONE' })
    expect(await adapter.readChannel(gone, GROW)).toMatchObject({ kind: 'GONE' })
    calls()
    for (const id of ['', '.', '..', 'a\u0000', 'x'.repeat(201), '\ud83d']) {
      const crooked = listingOf(id, listing.externalTicketClassId)
      expect(await adapter.writeCap(crooked, 5, GROW)).toMatchObject({ kind: 'REJECTED', code: 'INVALID_ID' })
    }
    expect(calls()).toEqual([])
  })
})

describe('the whole event', () => {
  it('keeps what an organiser reserved out of what is closed and opened', async () => {
    const { adapter, control, listing, eventId, buy } = await benchFor('whole event')
    control.edit(eventId, null, { holds: [{ name: 'Sponsors', quantity_total: 20 }] })
    buy(5)
    expect(valueOf(await adapter.writeCap(listing, 10, PROTECT))).toMatchObject({ cap: 25, mode: 'WAITLIST_ONLY' })
    expect(buy(1).orderId).toBeNull()
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 50, PROTECT)).cap).toBe(25)
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 50, GROW))).toMatchObject({ cap: 50, mode: 'OPEN' })
    expect(control.truth(eventId)).toMatchObject({ heldBack: 20, capacity: 50 })
  })

  it('tells in the bulk lane whether a waitlist is there', async () => {
    const { adapter, simulator, listing, buy } = await benchFor('whole event', 5)
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
    const { simulator, adapter } = await startBench()
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

  it('works whatever wrapper the platform insists on', async () => {
    const { adapter, simulator, listing, cap } = await benchFor('whole event')
    simulator.toggles.patch({ tierWrapper: 'wrapped' })
    expect(valueOf(await adapter.writeCap(listing, 44, GROW)).cap).toBe(44)
    expect(cap()).toBe(44)
  })

  it('does not take a total of 0 for a cap', async () => {
    const { adapter, simulator, control, listing, eventId } = await benchFor('whole event')
    simulator.toggles.patch({ capacityTotalZero: 'unlimited' })
    control.edit(eventId, null, { capacity_total: 0 })
    expect(valueOf(await adapter.readChannel(listing, PROTECT))).toMatchObject({ cap: null, capSource: 'none' })
  })
})

describe('a cap of 0', () => {
  it('is never sent where it would mean "unlimited"', async () => {
    const { simulator, adapter } = await startBench()
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

describe('a ticket class', () => {
  it('a donation class without a capacity is unlimited until a cap is written', async () => {
    const { simulator, adapter } = await startBench()
    const { id, classes } = simulator.control.createEvent({ classes: [{ capacity: null, donation: true }] })
    const listing = listingOf(id, classes[0]?.id)
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).cap).toBe('UNLIMITED')
    expect(valueOf(await adapter.writeCap(listing, 12, PROTECT)).cap).toBe(12)
  })

  it('a tiered class without a capacity shows the least of tier and event', async () => {
    const { simulator, adapter } = await startBench()
    const plan = { tiers: [{ quantityTotal: 30 }], classes: [{ capacity: null, tier: 0 }] }
    const { id, classes } = simulator.control.createEvent(plan)
    expect(valueOf(await adapter.readChannel(listingOf(id, classes[0]?.id), PROTECT)).cap).toBe(30)
  })

  it('that its organizer hid stays hidden, whatever is written', async () => {
    const { adapter, control, listing, eventId, classId } = await benchFor('ticket class')
    control.edit(eventId, classId, { hidden: true })
    expect(valueOf(await adapter.readChannel(listing, PROTECT)).mode).toBe('WAITLIST_ONLY')
    const hidden = (capacity: number) =>
      expect(control.truth(eventId).classes[0]).toMatchObject({ hidden: true, capacity })
    // Taken over as it is found, then opened, closed and opened again: for our part it is open.
    const adopted = { ...listing, acknowledgedCap: null }
    expect(valueOf(await adapter.setMode(adopted, 'OPEN', 20, GROW))).toMatchObject({ cap: 20, mode: 'OPEN' })
    hidden(20)
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 1, PROTECT)).mode).toBe('WAITLIST_ONLY')
    hidden(1)
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 30, GROW))).toMatchObject({ cap: 30, mode: 'OPEN' })
    hidden(30)
  })
})
