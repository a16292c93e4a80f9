import type { Pool } from 'pg'
import type { OrderSnapshot } from '../../src/domain/orders/order-snapshot.js'

/** Every third order has two tickets, the others one. */
const ticketsOf = (index: number) => (index % 3 === 0 ? 2 : 1)

/** Orders `from` up to `until` of a listing, as a read at `second` shows them. `isLive`: false for a cancelled order. */
export function listing(
  { from, until }: { from: number; until: number },
  second: number,
  isLive: (index: number) => boolean = () => true,
): OrderSnapshot[] {
  return Array.from({ length: until - from }, (_, offset) => {
    const index = from + offset
    const tickets = Array.from({ length: ticketsOf(index) }, (_, number) => ({
      ticketId: `t${index}-${number}`,
      live: isLive(index),
      ticketClassId: 'general',
    }))
    const buyer = { name: `Guest ${index}`, email: `guest-${index}@example.com` }
    const placedAt = new Date(Date.UTC(2026, 0, 1) + index * 1_000)
    const version = new Date(Date.UTC(2026, 1, 1) + second * 1_000).toISOString()
    const read = { version, versionIsReadTime: true, complete: true, buyer, placedAt }
    return { orderId: `o${index}`, externalEventId: 'bench', ...read, tickets }
  })
}

export function pagesOf<T>(items: readonly T[], size: number): T[][] {
  const pages: T[][] = []
  for (let start = 0; start < items.length; start += size) pages.push(items.slice(start, start + size))
  return pages
}

/** What an event's orders have left in the database. */
export interface Rows {
  orders: number
  tickets: number
  live: number
  operations: number
  proof: number
}

export async function rowsOf(pool: Pool, eventId: string): Promise<Rows> {
  const { rows } = await pool.query<Rows>(
    `SELECT (SELECT COUNT(*)::int FROM orders WHERE event_id = $1) AS orders,
       COUNT(*)::int AS tickets, (COUNT(*) FILTER (WHERE state = 'VALID'))::int AS live,
       (SELECT COUNT(*)::int FROM stock_operations WHERE event_id = $1 AND reason <> 'opening') AS operations,
       (SELECT COUNT(*)::int FROM proof_entries WHERE event_id = $1) AS proof
     FROM tickets WHERE event_id = $1`,
    [eventId],
  )
  if (!rows[0]) throw new Error('no rows')
  return rows[0]
}

/** Rows that changed while `work` ran, in any table that orders write. */
export async function rowsWritten(pool: Pool, eventId: string, work: () => Promise<void>): Promise<number> {
  // Takes a transaction id of its own: every later writer has a greater one.
  const { rows: before } = await pool.query<{ txid: string }>('SELECT txid_current()::text AS txid')
  await work()
  const tables = ['orders', 'tickets', 'stock_operations', 'stock_movements', 'proof_entries', 'balances', 'ledgers']
  const changed = tables.map((table) => `SELECT 1 FROM ${table} WHERE event_id = $1 AND xmin::text::bigint > $2`)
  const all = `SELECT COUNT(*)::int AS written FROM (${changed.join(' UNION ALL ')}) AS changed`
  const { rows } = await pool.query<{ written: number }>(all, [eventId, before[0]?.txid])
  return rows[0]?.written ?? -1
}

/** Tables in the order of their references, each with the columns that a copy gets from the database. */
const COPIED = {
  orders: [],
  tickets: [],
  stock_operations: [],
  stock_movements: ['id'],
  proof_entries: [],
} as const

/**
 * The rows that an event's orders have left, as statements that insert the same rows for another event in as many
 * transactions, and nothing more.
 */
export async function copyOf(pool: Pool, eventId: string, copyId: string): Promise<CopiedPage[]> {
  const pages = new Map<string, CopiedPage>()
  for (const table of Object.keys(COPIED) as (keyof typeof COPIED)[]) {
    const columns = await columnsOf(pool, table, COPIED[table])
    const { rows } = await pool.query<{ txid: string; page: object[] }>(
      `SELECT xmin::text AS txid, jsonb_agg(to_jsonb(t)) AS page FROM ${table} t WHERE event_id = $1
         AND xmin::text IN (SELECT DISTINCT xmin::text FROM orders WHERE event_id = $1)
       GROUP BY 1 ORDER BY MIN(xmin::text::bigint)`,
      [eventId],
    )
    for (const { txid, page } of rows) {
      const text = JSON.stringify(page).replaceAll(eventId, copyId)
      const copied = text.replaceAll('"ord_', `"ord_${copyId}_`).replaceAll('"tkt_', `"tkt_${copyId}_`)
      const insert = `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`
      pages.set(txid, [...(pages.get(txid) ?? []), { text: insert, values: [copied] }])
    }
  }
  return [...pages.values()]
}

export type CopiedPage = { text: string; values: [string] }[]

async function columnsOf(pool: Pool, table: string, without: readonly string[]): Promise<string> {
  const { rows } = await pool.query<{ name: string }>(
    'SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1 AND column_name <> ALL ($2)',
    [table, without],
  )
  return rows.map(({ name }) => name).join(', ')
}

/** Each page in one transaction. */
export async function insertPages(pool: Pool, pages: readonly CopiedPage[]): Promise<void> {
  const client = await pool.connect()
  try {
    for (const page of pages) {
      await client.query('BEGIN')
      for (const { text, values } of page) await client.query({ text, values })
      await client.query('COMMIT')
    }
  } finally {
    // Also ends a transaction that failed.
    client.release(true)
  }
}
