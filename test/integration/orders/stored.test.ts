import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApiPlatform } from '../../../src/domain/channel.js'
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
  eventId = await bench.openEvent(10_000, 2, ['LUMA', 'EVENTBRITE'])
})

const at = (second: number) => new Date(Date.UTC(2026, 10, 1, 10, 0, second)).toISOString()

function order(orderId: string, fields: Partial<OrderSnapshot> = {}, platform: ApiPlatform = 'LUMA'): ObservedOrder {
  const snapshot: OrderSnapshot = {
    orderId,
    externalEventId: 'x',
    version: at(1),
    versionIsReadTime: platform === 'LUMA',
    tickets: [{ ticketId: `${orderId}-t`, live: true, ticketClassId: null }],
    complete: true,
    buyer: { name: `Guest ${orderId}`, email: `${orderId}@example.com` },
    placedAt: new Date(at(0)),
    ...fields,
  }
  return { channelId: channelIdOf(eventId, platform), platform, snapshot, ticketClassId: null }
}
const sold = async () => (await bench.balances(eventId))['SOLD:LUMA']

describe('An order with invalid data', () => {
  it('is rejected without blocking the other orders of its page', async () => {
    const orders = Array.from({ length: 40 }, (_, index) => order(`o${index}`))
    orders[7] = order('o7', { tickets: [{ ticketId: 'bad\u0000id', live: true, ticketClassId: null }] })
    orders[23] = order('o23', { placedAt: new Date(Number.NaN) })
    orders[31] = order(randomBytes(9_000).toString('hex'))
    const applied = await bench.orders.apply(eventId, orders)
    expect(await sold()).toBe(37)
    expect(applied.flatMap(({ refused }, index) => (refused === null ? [] : [index]))).toEqual([7, 23, 31])
    await bench.expectSound(eventId)
  })

  it('is stored with replacement characters if only its buyer texts are malformed', async () => {
    await bench.orders.apply(eventId, [order('a', { buyer: { name: 'A\u0000nn \ud83d', email: 'x\udc00@y.z' } })])
    expect(await bench.prisma.order.findFirst({ where: { eventId } })).toMatchObject({
      buyerName: 'A\ufffdnn \ufffd',
      buyerEmail: 'x\ufffd@y.z',
    })
    expect(await sold()).toBe(1)
  })

  it('is stored with a name in one line of limited length, and without an address that is none', async () => {
    const name = `Ann\r\nhttps://evil.example\u001b${'x'.repeat(10_000)}`
    await bench.orders.apply(eventId, [order('a', { buyer: { name, email: `${'y'.repeat(10_000)}@y.z` } })])
    const stored = await bench.prisma.order.findFirstOrThrow({ where: { eventId } })
    expect([stored.buyerName?.slice(0, 28), stored.buyerName?.length]).toEqual(['Ann  https://evil.example xx', 200])
    expect(stored.buyerEmail).toBeNull()
    expect(await sold()).toBe(1)
  })
})

describe('Applying a page of orders', () => {
  const versions = async (table: 'orders' | 'tickets') =>
    bench.prisma.$queryRawUnsafe<{ id: string; xmin: string }[]>(
      `SELECT id, xmin::text FROM ${table} WHERE event_id = '${eventId}' ORDER BY id`,
    )
  const details = (index: number, checkedInAt: Date | null = null) => ({
    holder: { name: `Guest ${index}`, email: `o${index}@example.com` },
    ticketType: 'Standard',
    code: `code-${index}`,
    checkedInAt,
  })
  const ticket = (index: number, checkedInAt: Date | null = null) => {
    return { ticketId: `o${index}-t`, live: true, ticketClassId: null, details: details(index, checkedInAt) }
  }
  const listing = (version: string) =>
    Array.from({ length: 1_000 }, (_, index) => order(`o${index}`, { version, tickets: [ticket(index)] }))

  it('writes nothing and does not lock the event when nothing changed', async () => {
    await bench.orders.apply(eventId, listing(at(1)))
    const before = [await versions('orders'), await versions('tickets')]
    const results = await bench.prisma.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM ledgers WHERE event_id = ${eventId} FOR UPDATE`
        // Would deadlock if it locked the event.
        return bench.orders.apply(eventId, listing(at(30)))
      },
      { timeout: 20_000 },
    )
    expect(results.some(({ changed }) => changed)).toBe(false)
    expect([await versions('orders'), await versions('tickets')]).toEqual(before)
  })

  it('writes only the orders that changed', async () => {
    await bench.orders.apply(eventId, listing(at(1)))
    const before = await versions('orders')
    const page = listing(at(2))
    page[5] = order('o5', { version: at(2), tickets: [] })
    page[6] = order('o6', { version: at(2), buyer: { name: 'Another', email: null } })
    await bench.orders.apply(eventId, page)
    const after = await versions('orders')
    expect(after.filter(({ xmin }, index) => xmin !== before[index]?.xmin)).toHaveLength(2)
    expect(await sold()).toBe(999)
  })

  it('writes a check-in on the platform, once, and that it was undone', async () => {
    const read = async (second: number, checkedInAt: Date | null) => {
      await bench.orders.apply(eventId, [order('o1', { version: at(second), tickets: [ticket(1, checkedInAt)] })])
      const { externalCheckedInAt, holderName, externalCode } = await bench.prisma.ticket.findFirstOrThrow({
        where: { eventId },
      })
      expect([holderName, externalCode]).toEqual(['Guest 1', 'code-1'])
      return externalCheckedInAt?.toISOString() ?? null
    }
    expect(await read(1, null)).toBeNull()
    expect(await read(2, new Date(at(2)))).toBe(at(2))
    const before = await versions('tickets')
    // Some platforms report the time of the last change.
    expect(await read(3, new Date(at(3)))).toBe(at(2))
    expect(await versions('tickets')).toEqual(before)
    expect(await read(1, null)).toBe(at(2))
    expect(await read(4, null)).toBeNull()
    await bench.expectSound(eventId)
  })

  it('keeps what an incomplete reading of a ticket does not show', async () => {
    await bench.orders.apply(eventId, [order('o1', { version: at(1), tickets: [ticket(1, new Date(at(1)))] })])
    const none = { holder: null, ticketType: null, code: null, checkedInAt: new Date(at(2)) }
    const shown = { ticketId: 'o1-t', live: true, ticketClassId: null }
    await bench.orders.apply(eventId, [order('o1', { version: at(2), tickets: [{ ...shown, details: none }] })])
    await bench.orders.apply(eventId, [order('o1', { version: at(3), tickets: [shown] })])
    expect(await bench.prisma.ticket.findFirstOrThrow({ where: { eventId } })).toMatchObject({
      holderName: 'Guest 1',
      holderKey: 'guest 1',
      holderEmail: 'o1@example.com',
      ticketType: 'Standard',
      externalCode: 'code-1',
      externalCheckedInAt: new Date(at(1)),
    })
  })

  it('takes a bounded number of statements', async () => {
    const statements = async (count: number) => {
      eventId = await bench.openEvent(5_000, 0, ['LUMA'])
      const orders = Array.from({ length: count }, (_, index) => order(`s${index}`))
      await bench.orders.apply(eventId, [order('first')])
      const before = bench.statements()
      await bench.orders.apply(eventId, orders)
      return bench.statements() - before
    }
    const [few, many] = [await statements(10), await statements(200)]
    expect(many).toBeLessThanOrEqual(few + 5)
  })

  it('ignores a reading that is older than the stored version', async () => {
    const eventbrite = (version: string, live: boolean) =>
      order('e', { version, tickets: [{ ticketId: 'e-t', live, ticketClassId: null }] }, 'EVENTBRITE')
    await bench.orders.apply(eventId, [eventbrite(at(1), true)])
    await bench.orders.apply(eventId, [eventbrite(at(9), true)])
    await bench.orders.apply(eventId, [eventbrite(at(5), false)])
    expect((await bench.balances(eventId))['SOLD:EVENTBRITE']).toBe(1)
  })

  const hours = (count: number) => new Date(Date.parse(at(0)) + count * 3_600_000).toISOString()
  const guest = (version: string, live = true) =>
    order('g', { version, tickets: [{ ticketId: 'g-t', live, ticketClassId: null }] })
  const listedAt = (listedVersion: string | null) =>
    bench.prisma.channel.update({ where: { id: channelIdOf(eventId, 'LUMA') }, data: { listedVersion } })

  it('ignores a reading from before the last full list, which has shown the order unchanged', async () => {
    await bench.orders.apply(eventId, [guest(at(0))])
    await bench.orders.apply(eventId, [guest(hours(2))])
    await listedAt(hours(2))
    await bench.orders.apply(eventId, [guest(hours(1), false)])
    expect(await sold()).toBe(1)
    // Negative control: without the list it is the newest reading that changes anything.
    await listedAt(null)
    await bench.orders.apply(eventId, [guest(hours(1), false)])
    expect(await sold()).toBe(0)
  })

  it('applies what is read after the last full list, and orders that are not recorded', async () => {
    await bench.orders.apply(eventId, [guest(at(0))])
    await listedAt(hours(2))
    await bench.orders.apply(eventId, [order('late', { version: hours(1) })])
    expect(await sold()).toBe(2)
    await bench.orders.apply(eventId, [guest(hours(2), false)])
    expect(await sold()).toBe(1)
  })

  it('writes nothing for a listing that is read again unchanged after hours', async () => {
    await bench.orders.apply(eventId, listing(at(1)))
    const before = [await versions('orders'), await versions('tickets')]
    await bench.orders.apply(eventId, listing(hours(5)))
    expect([await versions('orders'), await versions('tickets')]).toEqual(before)
  })
})
