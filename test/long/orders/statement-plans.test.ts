import { PrismaPg } from '@prisma/adapter-pg'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prismaStores } from '../../../src/adapters/prisma/stores.js'
import type { OrderSnapshot } from '../../../src/domain/orders/order-snapshot.js'
import { PrismaClient } from '../../../src/generated/prisma/client.js'
import { OrderApplier } from '../../../src/orders/order-applier.js'
import { SystemClock } from '../../../src/infrastructure/time/system-time.js'
import { channelIdOf, openStock, type StockBench } from '../../support/fixtures/stock.js'
import { rememberingPool, tablesScanned, type Statement } from '../../support/load/statement-plans.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'

/** 20 events of 5,000 orders each, with what 100,000 orders leave, and 20,000 holds. Rows of one event are not adjacent. */
const FILL = `
  SET session_replication_role = replica;
  INSERT INTO events (id, name, starts_at, capacity, target_capacity, soft_cap_ratio, safety_stock_ratio, direct_weight, updated_at)
    SELECT 'e' || n, 'An event', now(), 9000, 9000, 0.9, 0.1, 1, now() FROM generate_series(0, 19) n;
  INSERT INTO ledgers (event_id, epoch) SELECT 'e' || n, 1 FROM generate_series(0, 19) n;
  INSERT INTO channels (id, event_id, platform, connection_id, external_event_id)
    SELECT 'c' || n, 'e' || n, 'LUMA', 'con_environment_luma', 'l' || n FROM generate_series(0, 19) n;
  INSERT INTO orders (id, event_id, platform, channel_id, external_order_id, state, quantity, version, placed_at, seen_at, updated_at)
    SELECT 'o' || n, 'e' || n % 20, 'LUMA', 'c' || n % 20, 'x' || n, 'PLACED', 1, '2026-11-20T10:00:00.000Z', at, at, at
    FROM generate_series(1, 100000) n CROSS JOIN LATERAL (SELECT now() - (100000 - n) * interval '10 s' AS at) AS placed;
  INSERT INTO tickets (id, order_id, event_id, platform, channel_id, external_ticket_id, state)
    SELECT 't' || n, 'o' || n, 'e' || n % 20, 'LUMA', 'c' || n % 20, 'y' || n, 'VALID' FROM generate_series(1, 100000) n;
  INSERT INTO stock_operations (operation_id, event_id, epoch, seq, outcome, reason)
    SELECT 'e' || n % 20 || ':' || n, 'e' || n % 20, 1, n, 'COMMITTED', 'platform sale' FROM generate_series(1, 100000) n;
  INSERT INTO stock_movements (operation_id, part, event_id, from_account, to_account, quantity)
    SELECT 'e' || n % 20 || ':' || n, 0, 'e' || n % 20, 'ALLOCATED:c' || n % 20, 'SOLD:c' || n % 20, 1
    FROM generate_series(1, 100000) n;
  INSERT INTO proof_entries (event_id, position, recorded_at, content, hash)
    SELECT 'e' || n % 20, n, now(), '{}', encode(sha256(n::text::bytea), 'hex') FROM generate_series(1, 100000) n;
  INSERT INTO holds (id, event_id, state, source, quantity, price_cents, from_allocated, from_unallocated, from_safety, seats, expires_at, created_at, settled_at)
    SELECT 'h' || n, 'e' || n % 20, (CASE WHEN n % 100 = 0 THEN 'HELD' ELSE 'EXPIRED' END)::"HoldState", 'DIRECT', 1, 0, 0, 1, 0, '{}',
      now(), now(), CASE WHEN n % 100 > 0 THEN now() END FROM generate_series(1, 20000) n;
  SET session_replication_role = DEFAULT;
  ANALYZE`
const GROWING = ['orders', 'tickets', 'stock_operations', 'stock_movements', 'proof_entries', 'holds']

let database: TestDatabase
let bench: StockBench
let client: Client
let statements: Statement[]

beforeAll(async () => {
  database = await createTestDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
  await client.query(FILL)
  bench = openStock(database.url, await sharedRedis())
  statements = await statementsOfTheHotPaths()
}, 240_000)
afterAll(async () => {
  await client?.end()
  await bench?.close()
  await database?.drop()
})

/** As the code sends them: nothing is copied here. */
async function statementsOfTheHotPaths(): Promise<Statement[]> {
  const { pool, statements: sent } = rememberingPool(database.url)
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) })
  try {
    const stores = prismaStores(prisma)
    await applyOrders(new OrderApplier(stores.orders, bench.stockOn(prisma), new SystemClock()))
    const now = new Date()
    const period = { since: new Date(now.getTime() - 60_000), until: now, now }
    await stores.salesTotals.seenSince('e3', period)
    await stores.salesTotals.recentOnPlatforms()
    await stores.orders.lastSeenAt('e3', 'c3')
    await stores.orders.newestPlaced('c3', { maxQuantity: 2, except: ['x3'] })
    await stores.orders.stateOf('x3', ['c3', 'c4'])
    await stores.orders.neverRead('c3', now, 5)
    await stores.orders.listingsOf('LUMA', 'x3')
    await stores.stagedOrders.add('c3', [snapshot(3, true)])
    await stores.stagedOrders.findAbsent('c3', { id: 'c3' }, now, 100)
    await stores.stagedOrders.countRecorded({ id: 'c3' })
    await stores.ledger.committed(['e3:3', 'e3:23'])
    await stores.ledger.oversoldMovements('e3')
    await stores.ledger.lastProofLine('e3')
    await stores.ledger.proofAfter('e3', 50_000, 100)
    await stores.ledger.advanceCheckpoint('e3', { min: 1, max: 1_000 })
    await stores.holds.overdue(now, ['e4'], 100)
    await stores.holds.find('h3')
    return [...sent.values()].filter(({ text }) => /\b(SELECT|INSERT|UPDATE|DELETE)\b/.test(text))
  } finally {
    await prisma.$disconnect()
  }
}

function snapshot(index: number, live: boolean): OrderSnapshot {
  const tickets = [{ ticketId: `new-${index}-t`, live, ticketClassId: null }]
  const read = {
    version: new Date().toISOString(),
    versionIsReadTime: true,
    complete: true,
    buyer: null,
    placedAt: null,
  }
  return { orderId: `new-${index}`, externalEventId: 'x', tickets, ...read }
}

/** A page of new orders, the same page with some cancelled, and one of orders that were filled in. */
async function applyOrders(applier: OrderApplier): Promise<void> {
  const eventId = await bench.openEvent(10_000, 0, ['LUMA'])
  const page = (isLive: (index: number) => boolean) =>
    Array.from({ length: 250 }, (_, index) => ({
      channelId: channelIdOf(eventId, 'LUMA'),
      platform: 'LUMA' as const,
      snapshot: snapshot(index, isLive(index)),
      ticketClassId: null,
    }))
  await applier.apply(
    eventId,
    page(() => true),
  )
  const applied = await applier.apply(
    eventId,
    page((index) => index % 2 === 0),
  )
  expect(applied.filter(({ changed }) => changed)).toHaveLength(125)
}

/** Statements that read a growing table as a whole, each with the tables. */
async function scans(): Promise<string[]> {
  const found: string[] = []
  for (const statement of statements) {
    const tables = (await tablesScanned(client, statement)).filter((table) => GROWING.includes(table))
    if (tables.length > 0) found.push(`${tables.join(', ')}: ${statement.text}`)
  }
  return found
}

describe('The statements of the paths that orders take', () => {
  it('are those that read and write all tables which grow with orders', () => {
    expect(statements.length).toBeGreaterThan(20)
    for (const table of GROWING) {
      expect(statements.filter(({ text }) => new RegExp(`\\b${table}\\b`).test(text)).length, table).toBeGreaterThan(0)
    }
  })

  it('read no growing table as a whole', async () => {
    expect(await scans()).toEqual([])
  })

  // Negative controls.
  it.each([
    ['orders', 'DROP INDEX orders_channel_id_external_order_id_key'],
    ['tickets', 'DROP INDEX tickets_order_id_idx'],
    ['tickets', 'DROP INDEX tickets_channel_id_external_ticket_id_key'],
    ['stock_operations', 'DROP INDEX stock_operations_event_id_epoch_seq_key'],
    ['holds', 'DROP INDEX holds_due_idx, holds_of_customer_idx'],
  ])('would read %s as a whole after %s', async (table, drop) => {
    await client.query('BEGIN')
    try {
      await client.query(drop)
      // The statement that writes by a key of this index would fail: it is left out.
      const readable = statements.filter(({ text }) => !text.includes('ON CONFLICT (channel_id'))
      const scanned: string[] = []
      for (const statement of readable) scanned.push(...(await tablesScanned(client, statement)))
      expect(scanned).toContain(table)
    } finally {
      await client.query('ROLLBACK')
    }
  })
})
