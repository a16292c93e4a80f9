import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { openStock, type StockBench } from '../../support/fixtures/stock.js'

let database: TestDatabase
let bench: StockBench

beforeAll(async () => {
  database = await createTestDatabase()
  bench = openStock(database.url, await sharedRedis())
})

afterAll(async () => {
  await bench?.close()
  await database?.drop()
})

/** Makes the recorded movements of an event wrong, as nothing but a superuser can. */
const falsify = (eventId: string) =>
  bench.prisma.$transaction([
    bench.prisma.$executeRaw`SET LOCAL session_replication_role = replica`,
    bench.prisma
      .$executeRaw`UPDATE stock_movements SET quantity = quantity + 1 WHERE event_id = ${eventId} AND to_account = 'HELD'`,
  ])

const checkpointOf = (eventId: string) => bench.prisma.ledgerCheckpoint.findUnique({ where: { eventId } })

describe('The rebuild of a gate', () => {
  it('starts from the stored sum of the movements, however many there are', async () => {
    const eventId = await bench.openEvent(10)
    for (let hold = 0; hold < 6; hold++) await bench.hold(eventId, `${eventId}:${hold}`)
    await bench.rebuilder.rebuild(eventId, 'operator')
    const stored = await checkpointOf(eventId)
    expect(stored?.units).toMatchObject({ CAPACITY: -10, HELD: 6 })
    await falsify(eventId)
    await bench.hold(eventId, `${eventId}:last`)
    expect(await bench.rebuilder.rebuild(eventId, 'operator')).toMatchObject({ corrected: [] })
    const next = await checkpointOf(eventId)
    expect(next?.units).toMatchObject({ CAPACITY: -10, HELD: 7 })
    expect(Number(next?.movementId)).toBeGreaterThan(Number(stored?.movementId))
    // Without the stored sum all movements are read.
    await bench.prisma.ledgerCheckpoint.delete({ where: { eventId } })
    await expect(bench.rebuilder.rebuild(eventId, 'operator')).rejects.toThrow('violate an invariant')
  })

  it('stores the sum while the event is locked', async () => {
    const eventId = await bench.openEvent(10)
    await bench.hold(eventId, `${eventId}:hold`)
    await bench.ledger.exclusive(eventId, async () => bench.ledger.advanceCheckpoint(eventId, 1))
    expect((await checkpointOf(eventId))?.units).toMatchObject({ HELD: 1 })
  })
})
