import { describe, expect, it } from 'vitest'
import { listingOf, startHarness, TOKEN, valueOf } from '../../../../test/support/platforms/eventbrite.js'
import type { CallContext, Listing } from '../../port.js'
import { adapterTo } from '../stub-adapter.test-support.js'

const GROW: CallContext = { lane: 'grow' }
const PROTECT: CallContext = { lane: 'protect' }
const KINDS = ['whole event', 'ticket class'] as const

const withCap = (listing: Listing, acknowledgedCap: number): Listing => ({ ...listing, acknowledgedCap })

/** An unsold event on a platform that refuses holds: only the end of sales can close it. */
async function unsoldEvent(earlySalesEnd: 'any' | 'afterStart' | 'afterCreation' | 'never') {
  const harness = await startHarness({ simulator: { toggles: { holdsRefused: 'yes', earlySalesEnd } } })
  const { control } = harness.simulator
  const start = new Date(Date.now() + 30 * 86_400_000).toISOString()
  const [early, late] = ['2027-03-01T22:59:59Z', '2035-07-01T18:00:00Z']
  const { id, classes } = control.createEvent({
    start,
    capacityTotal: 50,
    classes: [
      { capacity: 20, salesEnd: early },
      { capacity: 30, salesEnd: late },
      { capacity: 5, salesEnd: late, hidden: true },
    ],
  })
  harness.advance(120_000)
  const ends = async () => {
    const url = `${harness.simulator.url}/events/${id}/ticket_classes/`
    const response = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } })
    const body = (await response.json()) as { ticket_classes: { sales_end: string; hidden: boolean }[] }
    return body.ticket_classes.map((one) => [one.sales_end, one.hidden] as const)
  }
  const classIds = classes.map((one) => one.id)
  return { ...harness, control, id, classIds, early, late, start: `${start.slice(0, 19)}Z`, ends }
}

describe('EventbriteAdapter closing by the end of sales', () => {
  it.each(['any', 'afterStart'] as const)(
    'restores the exact ends of all classes of a whole event (accepted ends: %s)',
    async (accepted) => {
      const { adapter, control, id, classIds, early, late, ends } = await unsoldEvent(accepted)
      const listing = withCap(listingOf(id), 50)
      expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 1, PROTECT))).toMatchObject({
        cap: 1,
        mode: 'WAITLIST_ONLY',
      })
      for (const ticketClassId of classIds) {
        expect(control.buy({ eventId: id, ticketClassId, quantity: 1 }).orderId).toBeNull()
      }
      expect(valueOf(await adapter.setMode(listing, 'OPEN', 40, GROW))).toMatchObject({ cap: 40, mode: 'OPEN' })
      expect(await ends()).toEqual([
        [early, false],
        [late, false],
        [late, true],
      ])
      expect(control.buy({ eventId: id, ticketClassId: classIds[0], quantity: 1 }).orderId).not.toBeNull()
    },
  )

  it.each(['any', 'afterStart'] as const)(
    'restores the exact end of one class (accepted ends: %s)',
    async (accepted) => {
      const { adapter, control, id, classIds, early, late, ends } = await unsoldEvent(accepted)
      const listing = withCap(listingOf(id, classIds[0]), 20)
      expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 1, PROTECT)).mode).toBe('WAITLIST_ONLY')
      const buy = () => control.buy({ eventId: id, ticketClassId: classIds[0], quantity: 1 }).orderId
      expect(buy()).toBeNull()
      expect(valueOf(await adapter.setMode(listing, 'OPEN', 15, GROW))).toMatchObject({ cap: 15, mode: 'OPEN' })
      expect((await ends()).map(([end]) => end)).toEqual([early, late, late])
      expect(buy()).not.toBeNull()
    },
  )

  it.each(KINDS)('restores a %s to the event’s start where the platform accepts no early end', async (kind) => {
    const { adapter, id, classIds, start, ends } = await unsoldEvent('afterCreation')
    const listing = withCap(listingOf(id, kind === 'ticket class' ? (classIds[0] ?? '') : null), 20)
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 1, PROTECT)).mode).toBe('WAITLIST_ONLY')
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 15, GROW)).mode).toBe('OPEN')
    expect((await ends())[0]).toEqual([start, false])
  })

  it.each(KINDS)('does not confirm a %s as closed where the platform accepts no end of sales', async (kind) => {
    const { adapter, control, id, classIds } = await unsoldEvent('never')
    const listing = withCap(listingOf(id, kind === 'ticket class' ? (classIds[0] ?? '') : null), 20)
    const state = valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 1, PROTECT))
    expect(state.cap).toBe(1)
    expect(state.mode).not.toBe('WAITLIST_ONLY')
    expect(control.buy({ eventId: id, ticketClassId: classIds[0], quantity: 1 }).orderId).not.toBeNull()
  })
})

describe('EventbriteAdapter with a closing that cannot be completed', () => {
  it.each(KINDS)('returns CAP_BELOW_SOLD with the newest count for a %s after at most 20 calls', async (kind) => {
    let sold = 40
    const { adapter, requests } = await adapterTo(({ method, path }) => {
      if (method === 'POST') {
        sold += 5
        return { status: 400, json: { error: 'CAPACITY_TOTAL_TOO_SMALL', error_description: 'too small' } }
      }
      if (path.endsWith('/capacity_tier/'))
        return { json: { capacity_total: 900, capacity_sold: sold, capacity_pending: 2 } }
      const one = { id: '8', capacity: 900, quantity_sold: sold, sales_end: '2030-01-01T00:00:00Z' }
      return { json: path.endsWith('/8/') ? one : { ticket_classes: [one] } }
    })
    const listing = withCap(listingOf('7', kind === 'ticket class' ? '8' : null), 900)
    const outcome = await adapter.setMode(listing, 'WAITLIST_ONLY', 40, PROTECT)
    expect(outcome).toMatchObject({ kind: 'CAP_BELOW_SOLD' })
    // The newest count that was read, not the caller's.
    expect(outcome.kind === 'CAP_BELOW_SOLD' ? (outcome.sold ?? 0) : 0).toBeGreaterThanOrEqual(60)
    expect(requests.length).toBeLessThanOrEqual(20)
    expect(await adapter.writeCap(listing, 50, PROTECT)).toMatchObject({ kind: 'CAP_BELOW_SOLD' })
  })

  it('returns the outcome of the read, not CAP_BELOW_SOLD, when the count cannot be read', async () => {
    const { adapter } = await adapterTo(({ method }) =>
      method === 'POST'
        ? { status: 400, json: { error: 'CAPACITY_TOTAL_TOO_SMALL', error_description: 'too small' } }
        : { status: 503, json: {} },
    )
    const listing = withCap(listingOf('7'), 900)
    expect(await adapter.setMode(listing, 'WAITLIST_ONLY', 40, PROTECT)).toMatchObject({ kind: 'UNAVAILABLE' })
  })
})

describe('EventbriteAdapter opening a listing that has sold more than the requested cap', () => {
  it('puts no ticket on sale by removing its hold, where the cap was raised manually while closed', async () => {
    const { adapter, simulator } = await startHarness()
    const { control } = simulator
    const { id } = control.createEvent({ capacity: 100, capacityTotal: 100 })
    const listing = withCap(listingOf(id), 100)
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 1, PROTECT))).toMatchObject({ cap: 1 })
    control.edit(id, null, { capacity_total: 8 })
    control.buy({ eventId: id, quantity: 6 })
    for (const cap of [5, 6]) {
      const opened = valueOf(await adapter.setMode(withCap(listing, 1), 'OPEN', cap, GROW))
      expect(opened).toMatchObject({ cap: 6, sold: 6, mode: 'WAITLIST_ONLY' })
      expect(valueOf(await adapter.readChannel(listing, PROTECT))).toMatchObject({ cap: 6, mode: 'WAITLIST_ONLY' })
      expect(control.buy({ eventId: id, quantity: 1 }).orderId).toBeNull()
    }
    expect(valueOf(await adapter.setMode(withCap(listing, 6), 'OPEN', 7, GROW))).toMatchObject({ cap: 7, mode: 'OPEN' })
    expect(control.buy({ eventId: id, quantity: 1 }).orderId).not.toBeNull()
    expect(control.buy({ eventId: id, quantity: 1 }).orderId).toBeNull()
  })

  it.each(KINDS)('resumes no sales of a %s under a cap above the requested one', async (kind) => {
    // Our mark: it encodes an end in 2030.
    const ended = '2002-03-01T00:00:00Z'
    const resumed: unknown[] = []
    let cap = 20
    const { adapter } = await adapterTo(({ method, path, body }) => {
      const fields = (body ?? {}) as Record<string, { capacity?: number; capacity_total?: number; sales_end?: string }>
      const written = fields.ticket_class?.capacity ?? fields.capacity_tier?.capacity_total
      if (method === 'POST' && written === undefined) resumed.push(body)
      if (written !== undefined && written < 8)
        return { status: 400, json: { error: 'CAPACITY_TOTAL_TOO_SMALL', error_description: 'too small' } }
      cap = written ?? cap
      if (path.endsWith('/capacity_tier/'))
        return { json: { capacity_total: cap, capacity_sold: 6, capacity_pending: 0 } }
      const one = { id: '8', capacity: cap, quantity_sold: 6, sales_end: ended }
      return { json: path.endsWith('/8/') ? one : { ticket_classes: [one], pagination: { has_more_items: false } } }
    })
    const listing = withCap(listingOf('7', kind === 'ticket class' ? '8' : null), 20)
    const state = valueOf(await adapter.setMode(listing, 'OPEN', 5, GROW))
    expect(state.cap).toBeGreaterThan(5)
    expect(state.mode).not.toBe('OPEN')
    expect(resumed).toEqual([])
  })
})

describe('EventbriteAdapter closing with the right count', () => {
  it.each([
    ['whole event', 1],
    ['ticket class', 3],
  ] as const)('writes first and closes a %s with %d calls', async (kind, expectedCalls) => {
    const { adapter, simulator, calls } = await startHarness()
    const { id, classes } = simulator.control.createEvent({ capacity: 100, capacityTotal: 100 })
    simulator.control.buy({ eventId: id, quantity: 7 })
    const listing = withCap(listingOf(id, kind === 'ticket class' ? (classes[0]?.id ?? '') : null), 100)
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 7, PROTECT))).toMatchObject({
      cap: 7,
      mode: 'WAITLIST_ONLY',
    })
    const made = calls()
    expect(made).toHaveLength(expectedCalls)
    expect(made[0]).toMatch(/^POST /)
  })

  it('closes a class by its end of sales where open carts prevent a lower cap', async () => {
    const { adapter, simulator } = await startHarness({ simulator: { toggles: { classCountsCarts: 'yes' } } })
    const { control } = simulator
    const { id, classes } = control.createEvent({ capacity: 100 })
    control.buy({ eventId: id, quantity: 7 })
    const { cartId } = control.openCart({ eventId: id, quantity: 3 })
    const listing = withCap(listingOf(id, classes[0]?.id), 100)
    const state = valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 7, PROTECT))
    expect(state).toMatchObject({ mode: 'WAITLIST_ONLY', sold: 7, pending: 3 })
    control.abandonCart(cartId ?? '')
    expect(control.buy({ eventId: id, quantity: 1 }).orderId === null || state.cap <= 10).toBe(true)
  })
})

describe('EventbriteAdapter with limits per tier', () => {
  it('reads the limits at import, and restores them when it opens after a closing', async () => {
    const { adapter, simulator } = await startHarness()
    const { control } = simulator
    const { id, classes } = control.createEvent({
      tiers: [
        { id: 'VIP', quantityTotal: 10 },
        { id: 'GA', quantityTotal: 90 },
      ],
      classes: [
        { capacity: null, tier: 0 },
        { capacity: null, tier: 1 },
      ],
    })
    const read = valueOf(await adapter.readChannel({ ...listingOf(id), typeLimits: null }, PROTECT))
    expect(read).toMatchObject({ cap: 100, typeLimits: { VIP: 10, GA: 90 } })
    const listing: Listing = { ...listingOf(id), acknowledgedCap: 100, typeLimits: read.typeLimits ?? null }
    control.buy({ eventId: id, ticketClassId: classes[0]?.id, quantity: 9 })
    control.buy({ eventId: id, ticketClassId: classes[1]?.id, quantity: 1 })
    const totals = () => Object.fromEntries(control.truth(id).tiers.map((tier) => [tier.id, tier.quantityTotal]))
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 10, PROTECT))).toMatchObject({
      cap: 10,
      mode: 'WAITLIST_ONLY',
    })
    expect(totals()).toEqual({ VIP: 9, GA: 1 })
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 50, GROW))).toMatchObject({ cap: 50, mode: 'OPEN' })
    expect(totals()).toEqual({ VIP: 9, GA: 41 })
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 100, GROW)).cap).toBe(100)
    expect(totals()).toEqual({ VIP: 10, GA: 90 })
    // No tier exceeds the organizer's own limit; the result has the cap in force.
    expect(valueOf(await adapter.writeCap(listing, 120, GROW)).cap).toBe(100)
    expect(totals()).toEqual({ VIP: 10, GA: 90 })
  })

  it('gives no share to a tier with hidden classes only', async () => {
    const { adapter, simulator } = await startHarness()
    const { control } = simulator
    const { id } = control.createEvent({
      tiers: [
        { id: 'PRESS', quantityTotal: 10 },
        { id: 'GA', quantityTotal: 90 },
      ],
      classes: [
        { capacity: null, tier: 0, hidden: true },
        { capacity: null, tier: 1 },
      ],
    })
    const listing: Listing = { ...listingOf(id), acknowledgedCap: 100, typeLimits: { PRESS: 10, GA: 90 } }
    expect(valueOf(await adapter.writeCap(listing, 61, PROTECT)).cap).toBe(61)
    expect(control.truth(id).tiers).toEqual([
      { id: 'PRESS', quantityTotal: 1 },
      { id: 'GA', quantityTotal: 60 },
    ])
  })
})
