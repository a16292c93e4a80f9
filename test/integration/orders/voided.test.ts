import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ObservedOrder } from '../../../src/orders/observed-order.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { channelIdOf, openStock, requestOf, toHeld, type StockBench } from '../../support/fixtures/stock.js'

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
  eventId = await bench.openEvent(7, 2, ['LUMA'])
  await bench.rebuilder.rebuild(eventId, 'recovery')
})

function order(orderId: string): ObservedOrder {
  const version = '2026-11-01T10:00:00.000Z'
  const tickets = [{ ticketId: `${orderId}-t`, live: true, ticketClassId: null }]
  const snapshot = { orderId, externalEventId: 'x', version, tickets, complete: true, buyer: null, placedAt: null }
  return { channelId: channelIdOf(eventId, 'LUMA'), platform: 'LUMA', snapshot, ticketClassId: null }
}
const five = () => ['a', 'b', 'c', 'd', 'e'].map(order)
const operationOf = (orderId: string) => `${eventId}:${channelIdOf(eventId, 'LUMA')}:${orderId}:r1:1`

async function expectNothingOversold(): Promise<void> {
  expect(await bench.balances(eventId)).toMatchObject({ UNALLOCATED: 0, SAFETY: 2, OVERSOLD: 0, 'SOLD:LUMA': 5 })
  expect(await bench.prisma.stockMovement.count({ where: { eventId, from: 'OVERSOLD' } })).toBe(0)
  await bench.expectSound(eventId)
}

describe('The retry of a page with a voided operation', () => {
  it('uses the units of the first attempt, and records nothing as oversold', async () => {
    const { epoch } = await bench.ledger.read(eventId)
    await bench.ledger.void(eventId, { operationId: operationOf('c'), epoch, seq: 1_000 })
    await bench.orders.apply(eventId, five())
    await expectNothingOversold()
  })

  it('draws nothing from OVERSOLD while the ledger has units that the gate does not show', async () => {
    // Taken by a crashed process: only the gate has it.
    const postings = [{ quantity: 5, sources: ['UNALLOCATED'] as const, destination: 'HELD' as const }]
    expect(await bench.gate.take(eventId, { operationId: 'of a crashed process', postings })).toMatchObject({
      kind: 'TAKEN',
    })
    const safety = [{ quantity: 2, sources: ['SAFETY'] as const, destination: 'HELD' as const }]
    await bench.gate.take(eventId, { operationId: 'another one', postings: safety })
    await bench.orders.apply(eventId, five())
    await expectNothingOversold()
  })
})

describe('A rolled-back transaction', () => {
  it('returns its units to the gate at once', async () => {
    const failing = bench.stock.transact(eventId, async (tx) => {
      await tx.post(requestOf(toHeld(3), `${eventId}:failing`))
      throw new Error('a seat is taken')
    })
    await expect(failing).rejects.toThrow('a seat is taken')
    expect((await bench.gate.read(eventId))?.balances).toMatchObject({ UNALLOCATED: 5, HELD: 0 })
    expect(await bench.gate.pending(eventId, -1_000, 10)).toEqual([])
    await bench.expectSound(eventId)
  })
})
