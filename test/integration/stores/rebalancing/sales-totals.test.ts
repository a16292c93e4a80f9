import { expect, it } from 'vitest'
import type { OrderRow, TicketRow } from '../../../../src/adapters/memory/rows.js'
import { HALF_LIVES } from '../../../../src/domain/rebalancing/decaying-sum.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import { NO_DETAILS } from '../../../../src/orders/ticket-details.js'
import { channelRow, describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000)
const PERIOD = { since: new Date(0), until: ago(10), now: NOW }

describeStores('The totals of sales', (bench) => {
  const openChannel = async () => {
    const event = eventRow()
    const channel = channelRow(event.id)
    await bench.insert('events', event)
    await bench.insert('channels', channel)
    return { eventId: event.id, channelId: channel.id }
  }
  const insert = async (eventId: string, channelId: string | null, change: Partial<OrderRow>) => {
    const order: OrderRow = {
      id: newId('ord'),
      eventId,
      platform: channelId === null ? 'DIRECT' : 'EVENTBRITE',
      channelId,
      externalOrderId: channelId === null ? null : newId('ext'),
      state: 'PLACED',
      quantity: 1,
      buyerName: null,
      buyerEmail: null,
      buyerErasedAt: null,
      version: '1',
      revision: 1,
      placedAt: null,
      seenAt: ago(20),
      updatedAt: NOW,
      ...change,
    }
    await bench.insert('orders', order)
    return order
  }
  const cancelledTicket = async ({ id: orderId, eventId, channelId }: OrderRow) => {
    const fixed = { id: newId('tkt'), orderId, eventId, platform: 'EVENTBRITE', channelId } as const
    const external = {
      externalTicketId: newId('ext'),
      ticketClassId: null,
      seat: null,
      version: null,
      code: null,
      transferredAt: null,
      ignoredCheckInAt: null,
    }
    const row: TicketRow = {
      ...NO_DETAILS,
      ...fixed,
      ...external,
      state: 'CANCELLED',
      createdAt: NOW,
      cancelledAt: NOW,
    }
    await bench.insert('tickets', row)
  }
  const totals = async (eventId: string, period = PERIOD) => {
    const found = await bench.stores.salesTotals.seenSince(eventId, period)
    return new Map(found.map(({ channelId, settled, ...total }) => [`${channelId} ${settled}`, total]))
  }
  /** What remains of one ticket, per half-life. */
  const remaining = (minutes: number) => HALF_LIVES.map((halfLife) => 2 ** ((-minutes * 60_000) / halfLife))
  const expectLayers = (layers: readonly number[] | undefined, expected: readonly number[]) => {
    expect(layers).toHaveLength(expected.length)
    for (const [index, value] of expected.entries()) expect(layers?.[index]).toBeCloseTo(value, 9)
  }

  it('add up per channel, separately for orders first seen before the limit and from it on', async () => {
    const { eventId, channelId } = await openChannel()
    await insert(eventId, channelId, { quantity: 2, placedAt: ago(30) })
    await insert(eventId, channelId, { quantity: 1, placedAt: ago(60) })
    await insert(eventId, channelId, { quantity: 4, placedAt: ago(11), seenAt: ago(10) })
    await insert(eventId, null, { quantity: 3, placedAt: ago(25) })
    const other = await openChannel()
    await insert(other.eventId, other.channelId, { quantity: 50, placedAt: ago(15) })
    const found = await totals(eventId)
    expect([...found.keys()].toSorted()).toEqual([`${channelId} true`, `${channelId} false`, 'DIRECT true'].toSorted())
    const settled = found.get(`${channelId} true`)
    expect(settled).toMatchObject({ first: ago(60), last: ago(30) })
    const [half, hour] = [remaining(30), remaining(60)]
    expectLayers(
      settled?.layers,
      half.map((share, index) => 2 * share + (hour[index] ?? 0)),
    )
    expectLayers(
      found.get(`${channelId} false`)?.layers,
      remaining(11).map((share) => 4 * share),
    )
    expectLayers(
      found.get('DIRECT true')?.layers,
      remaining(25).map((share) => 3 * share),
    )
  })

  it('contain only orders first seen since the given instant', async () => {
    const { eventId, channelId } = await openChannel()
    await insert(eventId, channelId, { seenAt: ago(21) })
    await insert(eventId, channelId, { seenAt: ago(20), placedAt: ago(20) })
    const found = await totals(eventId, { ...PERIOD, since: ago(20) })
    expectLayers(found.get(`${channelId} true`)?.layers, remaining(20))
    expect((await totals(eventId, { ...PERIOD, since: ago(19) })).size).toBe(0)
  })

  it('use the version as the time of an order without one, else when it was seen, and never a later time', async () => {
    const times = async (change: Partial<OrderRow>) => {
      const { eventId, channelId } = await openChannel()
      await insert(eventId, channelId, change)
      return (await totals(eventId)).get(`${channelId} true`)?.first
    }
    expect(await times({ version: ago(40).toISOString() })).toEqual(ago(40))
    expect(await times({ version: ago(40).toISOString(), placedAt: ago(50) })).toEqual(ago(50))
    expect(await times({ version: '1970-01-01T00:00:00.000Z' })).toEqual(ago(20))
    expect(await times({ version: '17' })).toEqual(ago(20))
    expect(await times({ placedAt: ago(-5) })).toEqual(ago(20))
  })

  it('count cancelled tickets, and no order without any', async () => {
    const { eventId, channelId } = await openChannel()
    const cancelled = await insert(eventId, channelId, { state: 'CANCELLED', quantity: 0, placedAt: ago(30) })
    expect((await totals(eventId)).size).toBe(0)
    await cancelledTicket(cancelled)
    await cancelledTicket(cancelled)
    expectLayers(
      (await totals(eventId)).get(`${channelId} true`)?.layers,
      remaining(30).map((share) => 2 * share),
    )
  })

  it('are bounded for sales long ago, and for a clock that is ahead', async () => {
    const { eventId, channelId } = await openChannel()
    await insert(eventId, channelId, { placedAt: new Date('2000-01-01T00:00:00.000Z') })
    const [shortest, ...others] = (await totals(eventId)).get(`${channelId} true`)?.layers ?? []
    expect(shortest).toBe(2 ** -1000)
    expect(others.every((value) => value >= shortest! && value < 1e-50)).toBe(true)
    const late = await openChannel()
    await insert(late.eventId, late.channelId, { seenAt: ago(-5) })
    const found = await totals(late.eventId)
    expectLayers(found.get(`${late.channelId} false`)?.layers, remaining(0))
  })

  it('of recent orders on platforms add up per event', async () => {
    const { eventId, channelId } = await openChannel()
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
    await insert(eventId, channelId, { quantity: 2, seenAt: minutesAgo(1) })
    await insert(eventId, channelId, { quantity: 3, seenAt: minutesAgo(1) })
    await insert(eventId, channelId, { quantity: 5, seenAt: minutesAgo(11) })
    await insert(eventId, null, { quantity: 7, seenAt: minutesAgo(1) })
    const sales = await bench.stores.salesTotals.recentOnPlatforms()
    expect(sales.get(eventId)).toBe(5)
    expect(sales.has((await openChannel()).eventId)).toBe(false)
  })
})
