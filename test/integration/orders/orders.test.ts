import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { OrderSnapshot } from '../../../src/domain/orders/order-snapshot.js'
import type { ObservedOrder } from '../../../src/orders/observed-order.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { channelIdOf, openStock, type StockBench } from '../../support/fixtures/stock.js'

let database: TestDatabase
let bench: StockBench
let eventId: string

beforeAll(async () => {
  database = await createTestDatabase()
  bench = openStock(database.url, await sharedRedis())
})
afterAll(async () => {
  await bench?.close()
  await database?.drop()
})
beforeEach(async () => {
  eventId = await bench.openEvent(20, 2, ['EVENTBRITE'])
})

interface Shape {
  order?: string
  second: number
  live?: number
  dead?: number
  complete?: boolean
}

function snapshot({ order = 'o1', second, live = 0, dead = 0, complete = true }: Shape): OrderSnapshot {
  const tickets = Array.from({ length: live + dead }, (_, index) => ({
    ticketId: `${order}-t${index}`,
    live: index >= dead,
    ticketClassId: null,
  }))
  const version = new Date(Date.UTC(2026, 10, 1, 10, 0, second)).toISOString()
  return { orderId: order, externalEventId: 'x', version, tickets, complete, buyer: null, placedAt: null }
}
const observedOrder = (shape: Shape): ObservedOrder => ({
  channelId: channelIdOf(eventId, 'EVENTBRITE'),
  platform: 'EVENTBRITE',
  snapshot: snapshot(shape),
  ticketClassId: null,
})
const apply = (...shapes: Shape[]) => bench.orders.apply(eventId, shapes.map(observedOrder))
const sold = async () => (await bench.balances(eventId))['SOLD:EVENTBRITE']

describe('Applying orders', () => {
  it('counts one order delivered 500 times, 50 at a time, once', async () => {
    for (let round = 0; round < 10; round++) await apply(...Array.from({ length: 50 }, () => ({ second: 1, live: 2 })))
    expect(await sold()).toBe(2)
    expect(await bench.prisma.ticket.count({ where: { eventId } })).toBe(2)
    await bench.expectSound(eventId)
  })

  it('ends with a cancelled order when the cancellation is read before the sale', async () => {
    await apply({ second: 9, dead: 2 })
    await apply({ second: 1, live: 2 })
    expect(await sold()).toBe(0)
    expect(await bench.prisma.order.findFirst({ where: { eventId } })).toMatchObject({
      state: 'CANCELLED',
      quantity: 0,
    })
  })

  it('sees what changes after the platform had a clock that was ahead', async () => {
    const ahead = (ms: number, tickets: Partial<Shape>) => {
      const version = new Date(Date.now() + ms).toISOString()
      const observed = observedOrder({ second: 0, ...tickets })
      return bench.orders.apply(eventId, [{ ...observed, snapshot: { ...observed.snapshot, version } }])
    }
    await ahead(30_000, { live: 2 })
    const [again] = await ahead(30_000, { live: 2 })
    expect(again).toMatchObject({ changed: false })
    await ahead(0, { live: 1, dead: 1 })
    expect(await sold()).toBe(1)
    await bench.expectSound(eventId)
  })

  it('changes only the tickets that a partial snapshot contains', async () => {
    await apply({ second: 1, live: 3 })
    await apply({ second: 2, dead: 1, complete: false })
    expect(await sold()).toBe(2)
    await apply({ second: 3, live: 1, complete: true })
    expect(await sold()).toBe(1)
    await bench.expectSound(eventId)
  })

  it('covers a missing allocation by free units, then the safety stock, then OVERSOLD, and repays that first', async () => {
    await apply({ order: 'big', second: 1, live: 23 })
    expect(await bench.balances(eventId)).toMatchObject({
      UNALLOCATED: 0,
      SAFETY: 0,
      OVERSOLD: -3,
      'SOLD:EVENTBRITE': 23,
    })
    await apply({ order: 'big', second: 2, live: 18, dead: 5 })
    expect(await bench.balances(eventId)).toMatchObject({
      OVERSOLD: 0,
      'SOLD:EVENTBRITE': 18,
      'ALLOCATED:EVENTBRITE': 2,
    })
    await bench.expectSound(eventId)
  })

  it('ends with the newest state of every order, regardless of repetition, order and batching', async () => {
    const shape = fc.record({
      order: fc.constantFrom('a', 'b', 'c'),
      second: fc.integer({ min: 0, max: 5 }),
    })
    // The state of an order at an instant follows from its id and the second. It always has a ticket: an order that never
    // had any (for example an invitation) is not stored.
    const truth = (order: string, second: number) => ({
      live: (order.charCodeAt(0) * 7 + second * 3) % 4,
      dead: 1 + (second % 2),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(shape, { maxLength: 8 }), { maxLength: 5 }), async (batches) => {
        eventId = await bench.openEvent(20, 2, ['EVENTBRITE'])
        const newest = new Map<string, number>()
        for (const batch of batches) {
          for (const { order, second } of batch) newest.set(order, Math.max(second, newest.get(order) ?? 0))
          await apply(...batch.map(({ order, second }) => ({ order, second, ...truth(order, second) })))
        }
        const expected = [...newest].reduce((sum, [order, second]) => sum + truth(order, second).live, 0)
        expect(await sold()).toBe(expected)
        expect(await bench.prisma.ticket.count({ where: { eventId, state: 'VALID' } })).toBe(expected)
        await bench.expectSound(eventId)
      }),
      { numRuns: 30 },
    )
  })
})
