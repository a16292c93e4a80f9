import { afterEach, describe, expect, it } from 'vitest'
import {
  BULK,
  EVENT,
  GROW,
  listAll,
  LISTING,
  startEvent,
  valueOf,
  type Harness,
  type HarnessOptions,
} from '../harness.test-support.js'

let harness: Harness

/** An event of this capacity with this number of RSVPs. */
async function start(capacity: number | null, rsvps = 0, options: HarnessOptions = {}): Promise<Harness> {
  harness = await startEvent(capacity, rsvps, options)
  return harness
}

afterEach(() => harness.close())

describe('MeetupAdapter.listOrders', () => {
  it('reads every page, then only the changes', async () => {
    const { control, pass, limiter } = await start(500, 120)
    pass(200_000)
    control.rsvp(EVENT, { guests: 2 })
    pass(200_000)
    const full = await listAll(harness, EVENT, 'full')
    expect(full.orders.size).toBe(121)
    expect(full).toMatchObject({ live: 123, platformCount: 123 })
    expect(full.pages).toHaveLength(4)

    const before = limiter.weights.length
    const unchanged = await listAll(harness, EVENT, 'changed', full.cursor)
    expect(unchanged).toMatchObject({ live: 0, platformCount: null, cursor: full.cursor })
    expect(limiter.weights.slice(before)).toEqual([7])
    expect((await listAll(harness, EVENT, 'full', unchanged.cursor)).orders.size).toBe(121)

    const late = control.rsvp(EVENT, { guests: 1 })
    const [some] = full.orders.keys()
    control.cancel(some ?? '')
    const changed = await listAll(harness, EVENT, 'changed', unchanged.cursor)
    expect(changed.pages).toHaveLength(1)
    expect(changed.orders.get(late.rsvpId ?? '')?.tickets).toHaveLength(2)
    expect(changed.orders.get(some ?? '')?.tickets.every(({ live }) => !live)).toBe(true)
  })

  it('reads the whole page and returns the count if one is requested and the list fits on a page', async () => {
    const { adapter, control, pass, limiter } = await start(500, 20)
    pass(200_000)
    control.rsvp(EVENT)
    pass(20_000)
    const full = await listAll(harness, EVENT, 'full')
    const unchanged = valueOf(await adapter.listOrders(LISTING, 'changed', full.cursor, GROW))
    expect(unchanged.observed).toMatchObject({ cap: 500, counted: null })
    control.rsvp(EVENT, { guests: 2 })
    const before = limiter.weights.length
    const counted = valueOf(await adapter.listOrders(LISTING, 'changed', full.cursor, { ...GROW, count: true }))
    expect(counted).toMatchObject({ done: true, observed: { counted: { sold: 24, pending: 0 } } })
    expect(limiter.weights.slice(before)).toEqual([15])
  })

  it('reports an event as closed if closing removed its limit', async () => {
    const { adapter, control } = await start(500, 20, { toggles: { closeWipesSettings: 'yes' } })
    control.editEvent(EVENT, { rsvpsClosed: true, maxTickets: null })
    const closed = valueOf(await adapter.listOrders(LISTING, 'full', null, GROW))
    expect(closed.observed).toMatchObject({ cap: 'UNLIMITED', mode: 'WAITLIST_ONLY' })
  })

  it('reads the members promoted from the waitlist by a raise in one page', async () => {
    const { adapter, control, pass, limiter } = await start(20, 20)
    for (let late = 0; late < 15; late++) control.rsvp(EVENT)
    pass(200_000)
    control.rsvp(EVENT)
    pass(20_000)
    const full = await listAll(harness, EVENT, 'full')
    valueOf(await adapter.writeCap(LISTING, 34, GROW))
    const before = limiter.weights.length
    const changed = await listAll(harness, EVENT, 'changed', full.cursor)
    expect(changed.pages).toHaveLength(1)
    expect(changed.live).toBeGreaterThanOrEqual(14)
    expect(limiter.weights.slice(before)).toEqual([10])
  })

  it('resumes an interrupted listing from a serialized cursor', async () => {
    const { adapter } = await start(500, 70)
    const first = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    expect(first).toMatchObject({ done: false, platformCount: null })
    const stored: typeof first.nextCursor = JSON.parse(JSON.stringify(first.nextCursor))
    const rest = await listAll(harness, EVENT, 'full', stored)
    const ids = new Set([...first.snapshots.map(({ orderId }) => orderId), ...rest.orders.keys()])
    expect(ids.size).toBe(70)
    expect(rest.platformCount).toBe(70)
    expect(await adapter.listOrders(LISTING, 'full', { page: 2 }, BULK)).toMatchObject({ code: 'INVALID_CURSOR' })
  })

  it('finds an added guest although every count stays the same', async () => {
    const { control, pass } = await start(50, 5)
    const { rsvpId } = control.rsvp(EVENT, { guests: 1 })
    pass(60_000)
    const full = await listAll(harness, EVENT, 'full')
    pass(60_000)
    control.setGuests(rsvpId ?? '', 2)
    const changed = await listAll(harness, EVENT, 'changed', full.cursor)
    expect(changed.orders.get(rsvpId ?? '')?.tickets).toHaveLength(3)
  })

  it('returns a higher platform count for hidden rows and for a list that changed during the read', async () => {
    const { control } = await start(500, 60)
    control.rsvp(EVENT, { hidden: true })
    const hidden = await listAll(harness, EVENT, 'full')
    expect(hidden).toMatchObject({ live: 60, platformCount: 61 })
    control.toggles.patch({ shiftWhilePaging: 1 })
    const moved = await listAll(harness, EVENT, 'full')
    expect(moved.platformCount).toBeGreaterThan(moved.live)
  })

  it('restarts if the list shrinks to the previous page', async () => {
    const { adapter, control } = await start(500, 51)
    const first = valueOf(await adapter.listOrders(LISTING, 'full', null, BULK))
    for (const { id } of control.rsvps(EVENT).slice(0, 1)) control.mark(id, 'HAVENT')
    const rest = await listAll(harness, EVENT, 'full', first.nextCursor)
    expect(rest.orders.size).toBe(50)
    expect(rest.platformCount).toBe(50)
  })

  it('getOrder finds an order among those changed last, and returns null otherwise', async () => {
    const { adapter, control } = await start(500, 60)
    const { rsvpId } = control.rsvp(EVENT, { guests: 1 })
    expect(valueOf(await adapter.getOrder(LISTING, rsvpId ?? '', BULK))).toMatchObject({
      orderId: rsvpId,
      tickets: [{ live: true }, { live: true }],
    })
    control.cancel(rsvpId ?? '')
    expect(valueOf(await adapter.getOrder(LISTING, rsvpId ?? '', BULK))?.tickets[0]?.live).toBe(false)
    expect(valueOf(await adapter.getOrder(LISTING, '1', BULK))).toBeNull()
    expect((await adapter.getOrder(null, rsvpId ?? '', BULK)).kind).toBe('UNSUPPORTED')
  })
})
