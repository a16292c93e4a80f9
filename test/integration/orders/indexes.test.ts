import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'

let database: TestDatabase
let client: Client

beforeAll(async () => {
  database = await createTestDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
  // Three events, each with 20,000 orders over two weeks and as many movements.
  await client.query(`
    INSERT INTO events (id, name, starts_at, capacity, target_capacity, soft_cap_ratio, safety_stock_ratio, direct_weight, updated_at)
      SELECT 'e' || n, 'An event', now(), 1000, 1000, 0.9, 0.1, 1, now() FROM generate_series(1, 3) n;
    INSERT INTO channels (id, event_id, platform, connection_id, external_event_id)
      SELECT 'c' || n, 'e' || n, 'LUMA', 'con_environment_luma', 'l' || n FROM generate_series(1, 3) n;
    INSERT INTO orders (id, event_id, platform, channel_id, external_order_id, state, quantity, version, seen_at)
      SELECT 'o' || e || '-' || n, 'e' || e, 'LUMA', 'c' || e, 'x' || n, 'PLACED', 1, '', now() - n * interval '1 minute'
      FROM generate_series(1, 3) e, generate_series(1, 20000) n;
    INSERT INTO stock_operations (operation_id, event_id, epoch, seq, outcome, reason)
      SELECT e || '-' || n, 'e' || e, 1, n, 'COMMITTED', 'platform sale' FROM generate_series(1, 3) e, generate_series(1, 20000) n;
    INSERT INTO stock_movements (operation_id, part, event_id, from_account, to_account, quantity)
      SELECT e || '-' || n, 0, 'e' || e,
        CASE n % 2000 WHEN 0 THEN 'SAFETY' WHEN 1 THEN 'OVERSOLD' ELSE 'ALLOCATED:c' || e END, 'SOLD:c' || e, 1
      FROM generate_series(1, 3) e, generate_series(1, 20000) n;
    INSERT INTO waitlist_entries (id, event_id, name, email, quantity, state, created_at)
      SELECT 'w' || e || '-' || n, 'e' || e, 'Ada', 'ada@example.com', 1,
        (CASE WHEN n % 1000 = 0 THEN 'WAITING' ELSE 'LEFT' END)::"WaitlistState", now()
      FROM generate_series(1, 3) e, generate_series(1, 20000) n;
    ANALYZE`)
}, 120_000)
afterAll(async () => {
  await client?.end()
  await database?.drop()
})

interface Node {
  'Actual Rows': number
  'Rows Removed by Filter'?: number
  Plans?: Node[]
}

/** Number of rows that the query reads. */
async function rowsRead(sql: string): Promise<number> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`)
  const leaves = (node: Node): Node[] => (node.Plans ? node.Plans.flatMap(leaves) : [node])
  const [plan] = rows[0]?.['QUERY PLAN'] ?? []
  if (!plan) throw new Error('no plan')
  return leaves(plan.Plan).reduce((sum, leaf) => sum + leaf['Actual Rows'] + (leaf['Rows Removed by Filter'] ?? 0), 0)
}

describe('The indexes of orders, stock movements and waitlist entries', () => {
  it.each([
    [
      'the sales of the last half minute',
      `SELECT id FROM orders WHERE event_id = 'e2' AND seen_at >= now() - interval '30 s' ORDER BY seen_at DESC LIMIT 20000`,
    ],
    [
      'the newest sale',
      `SELECT seen_at FROM orders WHERE event_id = 'e2' AND channel_id = 'c2' ORDER BY seen_at DESC LIMIT 1`,
    ],
    [
      'the loans of the safety stock',
      `SELECT SUM(quantity) FROM stock_movements WHERE event_id = 'e2' AND from_account = 'SAFETY' AND to_account LIKE 'SOLD:%' AND to_account <> 'SOLD:DIRECT'`,
    ],
    [
      'the returns to the safety stock',
      `SELECT SUM(quantity) FROM stock_movements WHERE event_id = 'e2' AND to_account = 'SAFETY'`,
    ],
    [
      'the oversold movements',
      `SELECT * FROM stock_movements WHERE event_id = 'e2' AND (from_account = 'OVERSOLD' OR to_account = 'OVERSOLD') ORDER BY id`,
    ],
    [
      'the last oversold unit',
      `SELECT * FROM stock_movements WHERE event_id = 'e2' AND from_account = 'OVERSOLD' ORDER BY id DESC LIMIT 1`,
    ],
    [
      'the position of the last entry of a waitlist',
      `SELECT COUNT(*)::int FROM waitlist_entries WHERE event_id = 'e2' AND seq <= 60000 AND state IN ('WAITING', 'OFFERED')`,
    ],
    [
      'the queue of a waitlist',
      `SELECT id, seq, state FROM waitlist_entries WHERE event_id = 'e2' AND state IN ('WAITING', 'OFFERED') ORDER BY seq`,
    ],
  ])('find %s without reading the whole event', async (_name, sql) => {
    expect(await rowsRead(sql)).toBeLessThan(100)
  })
})
