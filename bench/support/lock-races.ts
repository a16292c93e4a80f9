import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { Pool, type PoolClient } from 'pg'
import { figureOf, type Figure } from './servers.js'

export interface Race extends Figure {
  granted: number
  refused: number
  /** Holds in the database afterwards. */
  recorded: number
}

const SCHEMA = `
  CREATE SCHEMA bench;
  CREATE TABLE bench.events (id text PRIMARY KEY, remaining int NOT NULL CHECK (remaining >= 0));
  CREATE TABLE bench.holds (id text PRIMARY KEY, event_id text NOT NULL REFERENCES bench.events, quantity int NOT NULL,
    expires_at timestamptz NOT NULL);
  CREATE INDEX ON bench.holds (event_id)`
/** As many as the service's own pool. */
const CONNECTIONS = 20
const LOCK_MS = 5_000
/** A thousand who ask more often would leave the winner no processor; jitter keeps them out of sync. */
const RETRY_MS = 50
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`

/**
 * The usual ways to sell the last tickets, each as short as it can be and still right: everybody waits for the lock,
 * checks, and takes or leaves.
 */
export class LockRaces {
  private constructor(
    private readonly pool: Pool,
    private readonly redis: Redis,
  ) {}

  static async open(databaseUrl: string, redisUrl: string): Promise<LockRaces> {
    const pool = new Pool({ connectionString: databaseUrl, max: CONNECTIONS })
    await pool.query(SCHEMA)
    return new LockRaces(pool, new Redis(redisUrl))
  }

  async close(): Promise<void> {
    this.redis.disconnect()
    await this.pool.end()
  }

  /** All buyers at once; each gets a result. */
  static async run(buyers: number, buy: () => Promise<boolean>): Promise<Omit<Race, 'recorded'>> {
    const started = performance.now()
    const latencies: number[] = []
    const results = await Promise.all(
      Array.from({ length: buyers }, async () => {
        const granted = await buy()
        latencies.push(performance.now() - started)
        return granted
      }),
    )
    const granted = results.filter(Boolean).length
    return { ...figureOf(latencies, (performance.now() - started) / 1_000), granted, refused: buyers - granted }
  }

  advisoryLock(buyers: number, tickets: number): Promise<Race> {
    return this.race(buyers, tickets, (eventId) =>
      this.transaction(async (client) => {
        await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [eventId])
        const { rows } = await client.query<{ remaining: number }>('SELECT remaining FROM bench.events WHERE id = $1', [
          eventId,
        ])
        return takeIf(client, eventId, rows[0]?.remaining)
      }),
    )
  }

  rowLock(buyers: number, tickets: number): Promise<Race> {
    return this.race(buyers, tickets, (eventId) =>
      this.transaction(async (client) => {
        const { rows } = await client.query<{ remaining: number }>(
          'SELECT remaining FROM bench.events WHERE id = $1 FOR UPDATE',
          [eventId],
        )
        return takeIf(client, eventId, rows[0]?.remaining)
      }),
    )
  }

  setnxLock(buyers: number, tickets: number): Promise<Race> {
    return this.race(buyers, tickets, async (eventId) => {
      const [key, owner] = [`lock:${eventId}`, randomUUID()]
      while ((await this.redis.set(key, owner, 'PX', LOCK_MS, 'NX')) === null) {
        await sleep(RETRY_MS + Math.random() * 2 * RETRY_MS)
      }
      try {
        return await this.transaction(async (client) => {
          const { rows } = await client.query<{ remaining: number }>(
            'SELECT remaining FROM bench.events WHERE id = $1',
            [eventId],
          )
          return takeIf(client, eventId, rows[0]?.remaining)
        })
      } finally {
        await this.redis.eval(RELEASE, 1, key, owner)
      }
    })
  }

  private async race(buyers: number, tickets: number, buy: (eventId: string) => Promise<boolean>): Promise<Race> {
    const eventId = randomUUID()
    await this.pool.query('INSERT INTO bench.events VALUES ($1, $2)', [eventId, tickets])
    const race = await LockRaces.run(buyers, () => buy(eventId))
    const sql = 'SELECT count(*)::int AS holds FROM bench.holds WHERE event_id = $1'
    const { rows } = await this.pool.query<{ holds: number }>(sql, [eventId])
    return { ...race, recorded: rows[0]?.holds ?? 0 }
  }

  private async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect()
    try {
      await client.query('BEGIN')
      const result = await work(client)
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK')
      throw error
    } finally {
      client.release()
    }
  }
}

async function takeIf(client: PoolClient, eventId: string, remaining = 0): Promise<boolean> {
  if (remaining < 1) return false
  await client.query('UPDATE bench.events SET remaining = remaining - 1 WHERE id = $1', [eventId])
  const expiresAt = new Date(Date.now() + 300_000)
  await client.query('INSERT INTO bench.holds VALUES ($1, $2, 1, $3)', [randomUUID(), eventId, expiresAt])
  return true
}
