import { describe, expect, it } from 'vitest'
import { listingOf, startBench, TOKEN, valueOf } from '../../../test/support/eventbrite.js'
import { scripted, type Asked, type Told } from '../../../test/support/stub-platform.js'
import type { CallContext, Listing } from '../port.js'
import { EventbriteAdapter } from './eventbrite-adapter.js'

const GROW: CallContext = { lane: 'grow' }
const PROTECT: CallContext = { lane: 'protect' }
const BULK: CallContext = { lane: 'bulk' }
const KINDS = ['whole event', 'ticket class'] as const

const own = (listing: Listing, acknowledgedCap: number): Listing => ({ ...listing, acknowledgedCap })

async function adapterTo(answer: (asked: Asked) => Told) {
  const { http, asked, url } = await scripted('EVENTBRITE', answer)
  const config = { apiUrl: `${url}/v3`, token: TOKEN, webhookToken: null }
  return { adapter: new EventbriteAdapter({ config, http, now: () => new Date() }), asked }
}

/** An evening on which nothing is sold yet and no hold is taken: only the end of sales closes it. */
async function unsold(earlySalesEnd: 'any' | 'afterStart' | 'afterCreation' | 'never') {
  const bench = await startBench({ simulator: { toggles: { holdsRefused: 'yes', earlySalesEnd } } })
  const { control } = bench.simulator
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
  bench.advance(120_000)
  const ends = async () => {
    const url = `${bench.simulator.url}/events/${id}/ticket_classes/`
    const answer = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } })
    const body = (await answer.json()) as { ticket_classes: { sales_end: string; hidden: boolean }[] }
    return body.ticket_classes.map((one) => [one.sales_end, one.hidden] as const)
  }
  const classIds = classes.map((one) => one.id)
  return { ...bench, control, id, classIds, early, late, start: `${start.slice(0, 19)}Z`, ends }
}

describe('an end of sales that closes', () => {
  it.each(['any', 'afterStart'] as const)('a whole event is undone to the second (ends taken: %s)', async (taken) => {
    const { adapter, control, id, classIds, early, late, ends } = await unsold(taken)
    const listing = own(listingOf(id), 50)
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
  })

  it.each(['any', 'afterStart'] as const)('one class is undone to the second (ends taken: %s)', async (taken) => {
    const { adapter, control, id, classIds, early, late, ends } = await unsold(taken)
    const listing = own(listingOf(id, classIds[0]), 20)
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 1, PROTECT)).mode).toBe('WAITLIST_ONLY')
    const buy = () => control.buy({ eventId: id, ticketClassId: classIds[0], quantity: 1 }).orderId
    expect(buy()).toBeNull()
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 15, GROW))).toMatchObject({ cap: 15, mode: 'OPEN' })
    expect((await ends()).map(([end]) => end)).toEqual([early, late, late])
    expect(buy()).not.toBeNull()
  })

  it.each(KINDS)('a %s is undone to the event’s start where the platform takes no early end', async (kind) => {
    const { adapter, id, classIds, start, ends } = await unsold('afterCreation')
    const listing = own(listingOf(id, kind === 'ticket class' ? (classIds[0] ?? '') : null), 20)
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 1, PROTECT)).mode).toBe('WAITLIST_ONLY')
    expect(valueOf(await adapter.setMode(listing, 'OPEN', 15, GROW)).mode).toBe('OPEN')
    expect((await ends())[0]).toEqual([start, false])
  })

  it.each(KINDS)('a %s, where no way is taken, is not said to be closed', async (kind) => {
    const { adapter, control, id, classIds } = await unsold('never')
    const listing = own(listingOf(id, kind === 'ticket class' ? (classIds[0] ?? '') : null), 20)
    const state = valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 1, PROTECT))
    expect(state.cap).toBe(1)
    expect(state.mode).not.toBe('WAITLIST_ONLY')
    expect(control.buy({ eventId: id, ticketClassId: classIds[0], quantity: 1 }).orderId).not.toBeNull()
  })
})

describe('a closing that nothing brings about', () => {
  it.each(KINDS)('of a %s is CAP_BELOW_SOLD with the newest count, within a bound of calls', async (kind) => {
    let sold = 40
    const { adapter, asked } = await adapterTo(({ method, path }) => {
      if (method === 'POST') {
        sold += 5
        return { status: 400, json: { error: 'CAPACITY_TOTAL_TOO_SMALL', error_description: 'too small' } }
      }
      if (path.endsWith('/capacity_tier/'))
        return { json: { capacity_total: 900, capacity_sold: sold, capacity_pending: 2 } }
      const one = { id: '8', capacity: 900, quantity_sold: sold, sales_end: '2030-01-01T00:00:00Z' }
      return { json: path.endsWith('/8/') ? one : { ticket_classes: [one] } }
    })
    const listing = own(listingOf('7', kind === 'ticket class' ? '8' : null), 900)
    const outcome = await adapter.setMode(listing, 'WAITLIST_ONLY', 40, PROTECT)
    expect(outcome).toMatchObject({ kind: 'CAP_BELOW_SOLD' })
    // The newest count that was read, not the one that the caller came with.
    expect(outcome.kind === 'CAP_BELOW_SOLD' ? (outcome.sold ?? 0) : 0).toBeGreaterThanOrEqual(60)
    expect(asked.length).toBeLessThanOrEqual(20)
    expect(await adapter.writeCap(listing, 50, PROTECT)).toMatchObject({ kind: 'CAP_BELOW_SOLD' })
  })

  it('whose count cannot be read is what the read was, never a refusal', async () => {
    const { adapter } = await adapterTo(({ method }) =>
      method === 'POST'
        ? { status: 400, json: { error: 'CAPACITY_TOTAL_TOO_SMALL', error_description: 'too small' } }
        : { status: 503, json: {} },
    )
    const listing = own(listingOf('7'), 900)
    expect(await adapter.setMode(listing, 'WAITLIST_ONLY', 40, PROTECT)).toMatchObject({ kind: 'UNAVAILABLE' })
  })
})

describe('a closing of a sale that is known right', () => {
  it.each([
    ['whole event', 1],
    ['ticket class', 3],
  ] as const)('of a %s writes first and costs %d calls', async (kind, price) => {
    const { adapter, simulator, calls } = await startBench()
    const { id, classes } = simulator.control.createEvent({ capacity: 100, capacityTotal: 100 })
    simulator.control.buy({ eventId: id, quantity: 7 })
    const listing = own(listingOf(id, kind === 'ticket class' ? (classes[0]?.id ?? '') : null), 100)
    expect(valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 7, PROTECT))).toMatchObject({
      cap: 7,
      mode: 'WAITLIST_ONLY',
    })
    const asked = calls()
    expect(asked).toHaveLength(price)
    expect(asked[0]).toMatch(/^POST /)
  })

  it('closes a class by its end of sales where carts keep its cap up', async () => {
    const { adapter, simulator } = await startBench({ simulator: { toggles: { classCountsCarts: 'yes' } } })
    const { control } = simulator
    const { id, classes } = control.createEvent({ capacity: 100 })
    control.buy({ eventId: id, quantity: 7 })
    const { cartId } = control.openCart({ eventId: id, quantity: 3 })
    const listing = own(listingOf(id, classes[0]?.id), 100)
    const state = valueOf(await adapter.setMode(listing, 'WAITLIST_ONLY', 7, PROTECT))
    expect(state).toMatchObject({ mode: 'WAITLIST_ONLY', sold: 7, pending: 3 })
    control.abandonCart(cartId ?? '')
    expect(control.buy({ eventId: id, quantity: 1 }).orderId === null || state.cap <= 10).toBe(true)
  })
})

describe('carts of one class', () => {
  /** Two classes; a cart of three of ours is paid for, ticket by ticket, whenever something was read. */
  async function payingBetweenCalls(others: { carts: number; room: number }) {
    const state = { cap: 20, sold: 10, carts: 3 }
    const pay = () => {
      if (state.carts === 0) return
      state.carts -= 1
      state.sold += 1
    }
    const server = await adapterTo(({ method, path, body }) => {
      if (method === 'POST') state.cap = (body as { ticket_class: { capacity: number } }).ticket_class.capacity
      const status = state.sold + state.carts < state.cap ? 'AVAILABLE' : 'SOLD_OUT'
      const one = { id: '8', capacity: state.cap, quantity_sold: state.sold, on_sale_status: status }
      const other = { id: '9', capacity: 100 + others.room, quantity_sold: 100 }
      const tier = {
        capacity_total: 500,
        capacity_sold: 100 + state.sold,
        capacity_pending: state.carts + others.carts,
      }
      const json = path.endsWith('/8/')
        ? one
        : path.endsWith('/capacity_tier/')
          ? tier
          : { ticket_classes: [one, other] }
      pay()
      return { json }
    })
    return { ...server, state }
  }

  it('that are paid for between two calls are never counted not at all', async () => {
    for (const acknowledgedCap of [null, 20]) {
      for (const others of [
        { carts: 0, room: 0 },
        { carts: 40, room: 100 },
      ]) {
        const { adapter, state } = await payingBetweenCalls(others)
        const listing: Listing = { externalEventId: '7', externalTicketClassId: '8', acknowledgedCap }
        const written = valueOf(await adapter.writeCap(listing, 11, PROTECT))
        expect((written.sold ?? 0) + written.pending).toBeGreaterThanOrEqual(13)
        if (acknowledgedCap !== null) expect((written.sold ?? 0) + written.pending).toBeLessThanOrEqual(20)
        expect(state.sold).toBeGreaterThan(10)
      }
    }
  })

  it('are counted in a reading too, where no other class can have them', async () => {
    const { adapter, state } = await payingBetweenCalls({ carts: 0, room: 0 })
    state.cap = 11
    const listing: Listing = { externalEventId: '7', externalTicketClassId: '8', acknowledgedCap: 11 }
    const reading = valueOf(await adapter.readChannel(listing, PROTECT))
    expect((reading.sold ?? 0) + reading.pending).toBeGreaterThanOrEqual(13)
  })

  it('are no more than its cap leaves room for, however many the event has', async () => {
    const { adapter, simulator } = await startBench()
    const { control } = simulator
    const { id, classes } = control.createEvent({ classes: [{ capacity: 200 }, { capacity: 45 }] })
    const [ga, vip] = classes.map((one) => one.id)
    for (let i = 0; i < 6; i++) control.openCart({ eventId: id, ticketClassId: ga, quantity: 10 })
    control.buy({ eventId: id, ticketClassId: vip, quantity: 5 })
    const listing = own(listingOf(id, vip), 45)
    expect(valueOf(await adapter.readChannel(listing, PROTECT))).toMatchObject({ cap: 45, sold: 5, pending: 40 })
    expect(valueOf(await adapter.writeCap(listing, 45, PROTECT))).toMatchObject({ cap: 45, sold: 5, pending: 40 })
    for (let i = 0; i < 4; i++) control.buy({ eventId: id, ticketClassId: vip, quantity: 10 })
    expect(valueOf(await adapter.readChannel(listing, PROTECT))).toMatchObject({ sold: 45, pending: 0 })
  })
})

describe('limits per tier', () => {
  it('are told at import, and come back after closing and opening', async () => {
    const { adapter, simulator } = await startBench()
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
    const found = valueOf(await adapter.readChannel({ ...listingOf(id), typeLimits: null }, PROTECT))
    expect(found).toMatchObject({ cap: 100, typeLimits: { VIP: 10, GA: 90 } })
    const listing: Listing = { ...listingOf(id), acknowledgedCap: 100, typeLimits: found.typeLimits ?? null }
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
    // Nothing is put above the organizer's own limits; the answer says what stands.
    expect(valueOf(await adapter.writeCap(listing, 120, GROW)).cap).toBe(100)
    expect(totals()).toEqual({ VIP: 10, GA: 90 })
  })

  it('leave a tier that only hidden classes sell from without a share', async () => {
    const { adapter, simulator } = await startBench()
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

describe('what a reading tells of the listing itself', () => {
  it.each([
    ['live', 'LIVE'],
    ['canceled', 'CANCELLED'],
    ['completed', 'ENDED'],
    ['draft', 'UNKNOWN'],
  ] as const)('an event that is %s is %s, where its state is read anyway', async (status, listingState) => {
    const { adapter, simulator, calls } = await startBench()
    const { id } = simulator.control.createEvent({ capacityTotal: 20 })
    simulator.control.setStatus(id, status)
    calls()
    const listing = own(listingOf(id), 20)
    expect(valueOf(await adapter.readChannel(listing, BULK)).listingState).toBe(listingState)
    expect(calls()).toHaveLength(2)
    expect(valueOf(await adapter.readChannel(listing, GROW)).listingState).toBeUndefined()
    expect(calls()).toHaveLength(1)
    expect(valueOf(await adapter.readChannel(listing, { ...GROW, state: true })).listingState).toBe(listingState)
  })

  it('is told of a ticket class too', async () => {
    const { adapter, simulator } = await startBench()
    const { id } = simulator.control.createEvent({ capacityTotal: 20, classes: [{ id: 'c1', capacity: 20 }] })
    simulator.control.setStatus(id, 'canceled')
    const listing = own(listingOf(id, 'c1'), 20)
    expect(valueOf(await adapter.readChannel(listing, BULK)).listingState).toBe('CANCELLED')
    expect(valueOf(await adapter.readChannel(listing, { ...GROW, state: true })).listingState).toBe('CANCELLED')
    expect(valueOf(await adapter.readChannel(listing, GROW)).listingState).toBeUndefined()
  })
})

describe('ids', () => {
  it.each(['309000777!chp', 'a:/+=@b', 'ü 1?#%2F', '1/../2', '...'])('are opaque: %s', async (id) => {
    const { adapter, simulator } = await startBench()
    const { control } = simulator
    control.createEvent({ id, capacityTotal: 20, classes: [{ id: `c${id}`, capacity: 20 }] })
    const sale = control.buy({ eventId: id, quantity: 2 })
    for (const listing of [own(listingOf(id), 20), own(listingOf(id, `c${id}`), 20)]) {
      expect(valueOf(await adapter.readChannel(listing, GROW))).toMatchObject({ cap: 20, sold: 2 })
      expect(valueOf(await adapter.writeCap(listing, 20, GROW)).cap).toBe(20)
      const page = valueOf(await adapter.listOrders(listing, 'full', null, BULK))
      expect(page.snapshots).toMatchObject([{ orderId: sale.orderId, externalEventId: id }])
    }
  })
})

describe('numbers from outside', () => {
  const CLASS = { id: '8', capacity: 100, quantity_sold: 40 }
  const TIER = { capacity_total: 100, capacity_sold: 40, capacity_pending: 2 }

  it.each([
    [2_147_483_648, 'UNLIMITED'],
    [1_000_000_001, 'UNLIMITED'],
    [1_000_000_000, 1_000_000_000],
    [1e300, 'UNLIMITED'],
  ])('a limit of %d is %s', async (limit, cap) => {
    const { adapter } = await adapterTo(({ path }) => ({
      json: path.endsWith('/8/') ? { ...CLASS, capacity: limit } : { ...TIER, capacity_total: limit },
    }))
    for (const classId of [null, '8']) {
      const reading = valueOf(await adapter.readChannel(own(listingOf('7', classId), 1), GROW))
      expect(reading).toMatchObject({ cap, capSource: 'read' })
    }
  })

  it.each([-1, 1.5, '100', null])('a count of %s is a broken contract, not an exception', async (wrong) => {
    for (const [tier, ticketClass] of [
      [
        { ...TIER, capacity_sold: wrong },
        { ...CLASS, quantity_sold: wrong },
      ],
      [
        { ...TIER, capacity_total: wrong ?? '' },
        { ...CLASS, capacity: wrong ?? '' },
      ],
      [
        { ...TIER, capacity_sold: 2 ** 40 },
        { ...CLASS, quantity_sold: 2 ** 40 },
      ],
    ] as const) {
      const { adapter } = await adapterTo(({ path }) => ({
        json: path.endsWith('/8/') ? ticketClass : path.endsWith('/capacity_tier/') ? tier : {},
      }))
      for (const classId of [null, '8']) {
        const outcome = await adapter.readChannel(own(listingOf('7', classId), 1), GROW)
        expect(outcome).toMatchObject({ kind: 'REJECTED', code: 'CONTRACT' })
      }
    }
  })
})
