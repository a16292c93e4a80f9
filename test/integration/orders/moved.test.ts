import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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
  order: string
  second: number
  live?: readonly string[]
  dead?: readonly string[]
  complete?: boolean
}

function observedOrder({ order, second, live = [], dead = [], complete = true }: Shape): ObservedOrder {
  const ticket = (ticketId: string, isLive: boolean) => ({ ticketId, live: isLive, ticketClassId: null })
  const snapshot: OrderSnapshot = {
    orderId: order,
    externalEventId: 'x',
    version: new Date(Date.UTC(2026, 10, 1, 10, 0, second)).toISOString(),
    tickets: [...live.map((id) => ticket(id, true)), ...dead.map((id) => ticket(id, false))],
    complete,
    buyer: null,
    placedAt: null,
  }
  return { channelId: channelIdOf(eventId, 'EVENTBRITE'), platform: 'EVENTBRITE', snapshot, ticketClassId: null }
}
const apply = (...shapes: Shape[]) => bench.orders.apply(eventId, shapes.map(observedOrder))
const sold = async () => (await bench.balances(eventId))['SOLD:EVENTBRITE']

/** Live tickets with the order that has them, and each order's quantity. */
async function recorded(): Promise<{ tickets: Record<string, string>; quantities: Record<string, number> }> {
  const orders = await bench.prisma.order.findMany({ where: { eventId }, include: { tickets: true } })
  const tickets: Record<string, string> = {}
  const quantities: Record<string, number> = {}
  for (const { externalOrderId, quantity, state, tickets: own } of orders) {
    const live = own.filter((ticket) => ticket.state === 'VALID')
    for (const { externalTicketId } of live) tickets[externalTicketId ?? ''] = externalOrderId ?? ''
    quantities[externalOrderId ?? ''] = quantity
    expect([quantity, state]).toEqual([live.length, live.length > 0 ? 'PLACED' : 'CANCELLED'])
  }
  return { tickets, quantities }
}

async function movements(): Promise<number> {
  return bench.prisma.stockMovement.count({ where: { eventId } })
}

describe('A ticket that moves to another order', () => {
  it('is counted once, without a movement, when the new order is read first', async () => {
    await apply({ order: 'a', second: 1, live: ['t1', 't2'] })
    const before = await movements()
    await apply({ order: 'b', second: 2, live: ['t1'] })
    expect(await recorded()).toEqual({ tickets: { t1: 'b', t2: 'a' }, quantities: { a: 1, b: 1 } })
    expect([await sold(), await movements()]).toEqual([2, before])
    await apply({ order: 'a', second: 2, live: ['t2'] })
    expect(await recorded()).toEqual({ tickets: { t1: 'b', t2: 'a' }, quantities: { a: 1, b: 1 } })
    expect(await sold()).toBe(2)
    await bench.expectSound(eventId)
  })

  it('is counted once when the old order is read first', async () => {
    await apply({ order: 'a', second: 1, live: ['t1'] })
    await apply({ order: 'a', second: 2 })
    expect(await sold()).toBe(0)
    await apply({ order: 'b', second: 2, live: ['t1'] })
    expect(await recorded()).toMatchObject({ tickets: { t1: 'b' } })
    expect(await sold()).toBe(1)
    await bench.expectSound(eventId)
  })

  it('is counted once when both orders are on one page, in any order', async () => {
    for (const reversed of [false, true]) {
      eventId = await bench.openEvent(20, 2, ['EVENTBRITE'])
      await apply({ order: 'a', second: 1, live: ['t1', 't2'] })
      const page: Shape[] = [
        { order: 'a', second: 3, live: ['t2'] },
        { order: 'b', second: 2, live: ['t1', 't3'] },
      ]
      await apply(...(reversed ? page.toReversed() : page))
      expect(await recorded()).toMatchObject({ tickets: { t1: 'b', t2: 'a', t3: 'b' } })
      expect(await sold()).toBe(3)
      await bench.expectSound(eventId)
    }
  })

  it('is not moved back by an older snapshot of its old order', async () => {
    await apply({ order: 'a', second: 1, live: ['t1'] })
    await apply({ order: 'b', second: 5, live: ['t1'] })
    await apply({ order: 'a', second: 3, live: ['t1'] })
    expect(await recorded()).toMatchObject({ tickets: { t1: 'b' } })
    expect(await sold()).toBe(1)
    // A cancelled copy in its old order does not cancel it either.
    await apply({ order: 'a', second: 6, dead: ['t1'] })
    expect(await recorded()).toMatchObject({ tickets: { t1: 'b' } })
    await apply({ order: 'b', second: 7 })
    await apply({ order: 'a', second: 7, live: ['t1'] })
    expect(await recorded()).toMatchObject({ tickets: { t1: 'a' } })
    expect(await sold()).toBe(1)
    await bench.expectSound(eventId)
  })

  it('moves with partial snapshots, even if its old order was read later', async () => {
    await apply({ order: 'a', second: 1, live: ['t1', 't2'], complete: false })
    await apply({ order: 'a', second: 9, live: ['t1'], complete: false })
    await apply({ order: 'b', second: 4, live: ['t2'], complete: false })
    expect(await recorded()).toMatchObject({ tickets: { t1: 'a', t2: 'b' } })
    expect(await sold()).toBe(2)
    await bench.expectSound(eventId)
  })

  it('ends in the order of the newest snapshots, regardless of repetition, order and batching', async () => {
    // Three tickets move between three orders: at each instant each is in one order, or cancelled there.
    const place = fc.record({ order: fc.constantFrom('a', 'b', 'c'), live: fc.boolean() })
    const instant = fc.record({ t1: place, t2: place, t3: place })
    const reading = fc.record({ order: fc.constantFrom('a', 'b', 'c'), second: fc.nat({ max: 4 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(instant, { minLength: 5, maxLength: 5 }),
        fc.array(fc.array(reading, { maxLength: 5 }), { maxLength: 5 }),
        async (history, pages) => {
          eventId = await bench.openEvent(20, 2, ['EVENTBRITE'])
          const snapshotAt = ({ order, second }: { order: string; second: number }): Shape => {
            const here = Object.entries(history[second] ?? {}).filter(([, at]) => at.order === order)
            const ids = (live: boolean) => here.filter(([, at]) => at.live === live).map(([id]) => id)
            return { order, second, live: ids(true), dead: ids(false) }
          }
          for (const page of pages) {
            await apply(...page.map(snapshotAt))
            const { tickets } = await recorded()
            expect(await sold()).toBe(Object.keys(tickets).length)
          }
          // Then each order is read in its latest state, in the order of the first readings.
          const first = pages.flat().map(({ order }) => order)
          for (const order of new Set([...first, 'a', 'b', 'c'])) await apply(snapshotAt({ order, second: 4 }))
          const truth = Object.entries(history[4] ?? {}).filter(([, { live }]) => live)
          expect((await recorded()).tickets).toEqual(Object.fromEntries(truth.map(([id, { order }]) => [id, order])))
          expect(await sold()).toBe(truth.length)
          await bench.expectSound(eventId)
        },
      ),
      { numRuns: 60 },
    )
  })
})
