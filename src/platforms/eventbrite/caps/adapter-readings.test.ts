import { describe, expect, it } from 'vitest'
import { listingOf, startHarness, valueOf } from '../../../../test/support/platforms/eventbrite.js'
import type { CallContext, Listing } from '../../port.js'
import { adapterTo } from '../stub-adapter.test-support.js'

const GROW: CallContext = { lane: 'grow' }
const PROTECT: CallContext = { lane: 'protect' }
const BULK: CallContext = { lane: 'bulk' }

const withCap = (listing: Listing, acknowledgedCap: number): Listing => ({ ...listing, acknowledgedCap })

describe('EventbriteAdapter with open carts of one class', () => {
  /** Two classes; one ticket of our cart of three is paid for after every request. */
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

  it('never misses carts that are paid for between two calls', async () => {
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

  it('counts carts in readChannel where no other class has room for them', async () => {
    const { adapter, state } = await payingBetweenCalls({ carts: 0, room: 0 })
    state.cap = 11
    const listing: Listing = { externalEventId: '7', externalTicketClassId: '8', acknowledgedCap: 11 }
    const reading = valueOf(await adapter.readChannel(listing, PROTECT))
    expect((reading.sold ?? 0) + reading.pending).toBeGreaterThanOrEqual(13)
  })

  it('counts at most the carts that fit under the cap of the class', async () => {
    const { adapter, simulator } = await startHarness()
    const { control } = simulator
    const { id, classes } = control.createEvent({ classes: [{ capacity: 200 }, { capacity: 45 }] })
    const [ga, vip] = classes.map((one) => one.id)
    for (let i = 0; i < 6; i++) control.openCart({ eventId: id, ticketClassId: ga, quantity: 10 })
    control.buy({ eventId: id, ticketClassId: vip, quantity: 5 })
    const listing = withCap(listingOf(id, vip), 45)
    expect(valueOf(await adapter.readChannel(listing, PROTECT))).toMatchObject({ cap: 45, sold: 5, pending: 40 })
    expect(valueOf(await adapter.writeCap(listing, 45, PROTECT))).toMatchObject({ cap: 45, sold: 5, pending: 40 })
    for (let i = 0; i < 4; i++) control.buy({ eventId: id, ticketClassId: vip, quantity: 10 })
    expect(valueOf(await adapter.readChannel(listing, PROTECT))).toMatchObject({ sold: 45, pending: 0 })
  })
})

describe('EventbriteAdapter.readChannel', () => {
  it.each([
    ['live', 'LIVE'],
    ['canceled', 'CANCELLED'],
    ['completed', 'ENDED'],
    ['draft', 'UNKNOWN'],
  ] as const)('maps the event status %s to listingState %s where the state is read', async (status, listingState) => {
    const { adapter, simulator, calls } = await startHarness()
    const { id } = simulator.control.createEvent({ capacityTotal: 20 })
    simulator.control.setStatus(id, status)
    calls()
    const listing = withCap(listingOf(id), 20)
    expect(valueOf(await adapter.readChannel(listing, BULK)).listingState).toBe(listingState)
    expect(calls()).toHaveLength(2)
    expect(valueOf(await adapter.readChannel(listing, GROW)).listingState).toBeUndefined()
    expect(calls()).toHaveLength(1)
    expect(valueOf(await adapter.readChannel(listing, { ...GROW, state: true })).listingState).toBe(listingState)
  })

  it('returns the listingState for a ticket class', async () => {
    const { adapter, simulator } = await startHarness()
    const { id } = simulator.control.createEvent({ capacityTotal: 20, classes: [{ id: 'c1', capacity: 20 }] })
    simulator.control.setStatus(id, 'canceled')
    const listing = withCap(listingOf(id, 'c1'), 20)
    expect(valueOf(await adapter.readChannel(listing, BULK)).listingState).toBe('CANCELLED')
    expect(valueOf(await adapter.readChannel(listing, { ...GROW, state: true })).listingState).toBe('CANCELLED')
    expect(valueOf(await adapter.readChannel(listing, GROW)).listingState).toBeUndefined()
  })
})

describe('EventbriteAdapter ids', () => {
  it.each(['309000777!chp', 'a:/+=@b', 'ü 1?#%2F', '1/../2', '...'])('treats ids as opaque: %s', async (id) => {
    const { adapter, simulator } = await startHarness()
    const { control } = simulator
    control.createEvent({ id, capacityTotal: 20, classes: [{ id: `c${id}`, capacity: 20 }] })
    const sale = control.buy({ eventId: id, quantity: 2 })
    for (const listing of [withCap(listingOf(id), 20), withCap(listingOf(id, `c${id}`), 20)]) {
      expect(valueOf(await adapter.readChannel(listing, GROW))).toMatchObject({ cap: 20, sold: 2 })
      expect(valueOf(await adapter.writeCap(listing, 20, GROW)).cap).toBe(20)
      const page = valueOf(await adapter.listOrders(listing, 'full', null, BULK))
      expect(page.snapshots).toMatchObject([{ orderId: sale.orderId, externalEventId: id }])
    }
  })
})

describe('EventbriteAdapter with unusual numbers in responses', () => {
  const CLASS = { id: '8', capacity: 100, quantity_sold: 40 }
  const TIER = { capacity_total: 100, capacity_sold: 40, capacity_pending: 2 }

  it.each([
    [2_147_483_648, 'UNLIMITED'],
    [1_000_000_001, 'UNLIMITED'],
    [1_000_000_000, 1_000_000_000],
    [1e300, 'UNLIMITED'],
  ])('reads a limit of %d as %s', async (limit, cap) => {
    const { adapter } = await adapterTo(({ path }) => ({
      json: path.endsWith('/8/') ? { ...CLASS, capacity: limit } : { ...TIER, capacity_total: limit },
    }))
    for (const classId of [null, '8']) {
      const reading = valueOf(await adapter.readChannel(withCap(listingOf('7', classId), 1), GROW))
      expect(reading).toMatchObject({ cap, capSource: 'read' })
    }
  })

  it.each([-1, 1.5, '100', null])('returns REJECTED with code CONTRACT for a count of %s', async (invalid) => {
    for (const [tier, ticketClass] of [
      [
        { ...TIER, capacity_sold: invalid },
        { ...CLASS, quantity_sold: invalid },
      ],
      [
        { ...TIER, capacity_total: invalid ?? '' },
        { ...CLASS, capacity: invalid ?? '' },
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
        const outcome = await adapter.readChannel(withCap(listingOf('7', classId), 1), GROW)
        expect(outcome).toMatchObject({ kind: 'REJECTED', code: 'CONTRACT' })
      }
    }
  })
})
