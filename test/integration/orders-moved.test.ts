import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OrderSnapshot } from '../../src/domain/order-snapshot.js'
import type { OrderFact } from '../../src/inventory/order-fact.js'
import { createTestDatabase, type TestDatabase } from '../support/database.js'
import { sharedRedis } from '../support/redis.js'
import { openStock, type StockBench } from '../support/stock.js'

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
  eventId = await bench.openEvent(20, 2)
})

interface Shape {
  order: string
  second: number
  live?: readonly string[]
  dead?: readonly string[]
  complete?: boolean
}

function fact({ order, second, live = [], dead = [], complete = true }: Shape): OrderFact {
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
  return { platform: 'EVENTBRITE', snapshot, ticketClassId: null }
}
const apply = (...shapes: Shape[]) => bench.orders.apply(eventId, shapes.map(fact))
const sold = async () => (await bench.ledger.read(eventId)).balances['SOLD:EVENTBRITE']

/** Live tickets with the order that has them, and each order's quantity. */
async function held(): Promise<{ tickets: Record<string, string>; quantities: Record<string, number> }> {
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

describe('a ticket that moves to another order', () => {
  it('is counted once, without a movement, when the new order is read first', async () => {
    await apply({ order: 'a', second: 1, live: ['t1', 't2'] })
    const before = await movements()
    await apply({ order: 'b', second: 2, live: ['t1'] })
    expect(await held()).toEqual({ tickets: { t1: 'b', t2: 'a' }, quantities: { a: 1, b: 1 } })
    expect([await sold(), await movements()]).toEqual([2, before])
    await apply({ order: 'a', second: 2, live: ['t2'] })
    expect(await held()).toEqual({ tickets: { t1: 'b', t2: 'a' }, quantities: { a: 1, b: 1 } })
    expect(await sold()).toBe(2)
    await bench.expectSound(eventId)
  })

  it('is counted once when the old order is read first', async () => {
    await apply({ order: 'a', second: 1, live: ['t1'] })
    await apply({ order: 'a', second: 2 })
    expect(await sold()).toBe(0)
    await apply({ order: 'b', second: 2, live: ['t1'] })
    expect(await held()).toMatchObject({ tickets: { t1: 'b' } })
    expect(await sold()).toBe(1)
    await bench.expectSound(eventId)
  })

  it('is counted once when both orders come in one page, in any order', async () => {
    for (const reversed of [false, true]) {
      eventId = await bench.openEvent(20, 2)
      await apply({ order: 'a', second: 1, live: ['t1', 't2'] })
      const page: Shape[] = [
        { order: 'a', second: 3, live: ['t2'] },
        { order: 'b', second: 2, live: ['t1', 't3'] },
      ]
      await apply(...(reversed ? page.toReversed() : page))
      expect(await held()).toMatchObject({ tickets: { t1: 'b', t2: 'a', t3: 'b' } })
      expect(await sold()).toBe(3)
      await bench.expectSound(eventId)
    }
  })

  it('is not taken back by an older snapshot of the order that had it', async () => {
    await apply({ order: 'a', second: 1, live: ['t1'] })
    await apply({ order: 'b', second: 5, live: ['t1'] })
    await apply({ order: 'a', second: 3, live: ['t1'] })
    expect(await held()).toMatchObject({ tickets: { t1: 'b' } })
    expect(await sold()).toBe(1)
    // Nor does a dead copy of it in the order that gave it away cancel it.
    await apply({ order: 'a', second: 6, dead: ['t1'] })
    expect(await held()).toMatchObject({ tickets: { t1: 'b' } })
    await apply({ order: 'b', second: 7 })
    await apply({ order: 'a', second: 7, live: ['t1'] })
    expect(await held()).toMatchObject({ tickets: { t1: 'a' } })
    expect(await sold()).toBe(1)
    await bench.expectSound(eventId)
  })

  it('moves though the page is partial, and though the old order was read later for something else', async () => {
    await apply({ order: 'a', second: 1, live: ['t1', 't2'], complete: false })
    await apply({ order: 'a', second: 9, live: ['t1'], complete: false })
    await apply({ order: 'b', second: 4, live: ['t2'], complete: false })
    expect(await held()).toMatchObject({ tickets: { t1: 'a', t2: 'b' } })
    expect(await sold()).toBe(2)
    await bench.expectSound(eventId)
  })

  it('ends where the newest snapshots say, whatever is repeated, reordered or at once', async () => {
    // Three tickets wander between three orders: at each instant each is in one order, or cancelled there.
    const place = fc.record({ order: fc.constantFrom('a', 'b', 'c'), live: fc.boolean() })
    const instant = fc.record({ t1: place, t2: place, t3: place })
    const reading = fc.record({ order: fc.constantFrom('a', 'b', 'c'), second: fc.nat({ max: 4 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(instant, { minLength: 5, maxLength: 5 }),
        fc.array(fc.array(reading, { maxLength: 5 }), { maxLength: 5 }),
        async (history, pages) => {
          eventId = await bench.openEvent(20, 2)
          const shown = ({ order, second }: { order: string; second: number }): Shape => {
            const here = Object.entries(history[second] ?? {}).filter(([, at]) => at.order === order)
            const ids = (live: boolean) => here.filter(([, at]) => at.live === live).map(([id]) => id)
            return { order, second, live: ids(true), dead: ids(false) }
          }
          for (const page of pages) {
            await apply(...page.map(shown))
            const { tickets } = await held()
            expect(await sold()).toBe(Object.keys(tickets).length)
          }
          // Then each order is read as it stands, in the order that the readings began with.
          const first = pages.flat().map(({ order }) => order)
          for (const order of new Set([...first, 'a', 'b', 'c'])) await apply(shown({ order, second: 4 }))
          const truth = Object.entries(history[4] ?? {}).filter(([, { live }]) => live)
          expect((await held()).tickets).toEqual(Object.fromEntries(truth.map(([id, { order }]) => [id, order])))
          expect(await sold()).toBe(truth.length)
          await bench.expectSound(eventId)
        },
      ),
      { numRuns: 60 },
    )
  })
})
