import type { Pool } from 'pg'

/** How many events are added that are over, and how many that are on sale. */
export interface Filled {
  past: number
  live: number
}

/**
 * Adds copies of an event by SQL: the past ones have ended and have a listing each and two orders, as the service would
 * have left them. Returns the ids of all events.
 */
export async function fillEvents(
  database: Pool,
  templateId: string,
  { past, live }: Filled,
): Promise<{ all: string[] }> {
  const client = await database.connect()
  try {
    await client.query('BEGIN')
    await client.query(
      `CREATE TEMP TABLE added ON COMMIT DROP AS
       SELECT 'evt_bench_' || lpad(n::text, 22, '0') AS id, n > $1 AS live FROM generate_series(1, $1 + $2) AS n`,
      [past, live],
    )
    await client.query(
      `INSERT INTO events SELECT (jsonb_populate_record(e, jsonb_build_object('id', a.id, 'ends_at', NULL,
         'starts_at', CASE WHEN a.live THEN e.starts_at ELSE now() - interval '30 days' END,
         'updated_at', now() - interval '29 days'))).*
       FROM added a, events e WHERE e.id = $1`,
      [templateId],
    )
    await client.query('INSERT INTO ledgers (event_id, epoch) SELECT id, 1 FROM added')
    await client.query(
      `INSERT INTO balances (event_id, account, units)
       SELECT a.id, b.account, b.units FROM added a, balances b WHERE b.event_id = $1`,
      [templateId],
    )
    await client.query(
      `INSERT INTO channels (id, event_id, platform, connection_id, external_event_id, confirmed_mode, desired_mode,
         confirmed_cap, desired_cap, adopted_at)
       SELECT 'chn' || substr(a.id, 4), a.id, 'LUMA', c.id, a.id, 'WAITLIST_ONLY', 'WAITLIST_ONLY', 1, 1, now()
       FROM added a, connections c WHERE c.platform = 'LUMA' AND c.from_environment AND NOT a.live`,
    )
    await client.query(
      `INSERT INTO orders (id, event_id, platform, channel_id, external_order_id, state, quantity, version, seen_at, updated_at)
       SELECT 'ord' || substr(c.id, 4) || n, c.event_id, c.platform, c.id, n::text, 'PLACED', 1, '2026-01-01T00:00:00.000Z',
         now() - interval '31 days', now() - interval '31 days'
       FROM channels c JOIN added a ON a.id = c.event_id, generate_series(1, 2) AS n`,
    )
    await client.query('COMMIT')
    await client.query('ANALYZE')
    return { all: (await client.query<{ id: string }>('SELECT id FROM events')).rows.map(({ id }) => id) }
  } finally {
    client.release(true)
  }
}
