import { PrismaPg } from '@prisma/adapter-pg'
import { Client } from 'pg'
import { PrismaClient } from '../../src/generated/prisma/client.js'

/** Precedes `pg_catalog`, so that its functions replace those of the same name. */
const SCHEMA = 'replay'
const SEARCH_PATH = `-c search_path=${SCHEMA},pg_catalog,public`
const POOL_SIZE = 20
const LOCK_TIMEOUT_MS = 5_000

const OWN_CLOCK = `
  CREATE SCHEMA ${SCHEMA};
  -- A sequence: its value is not bound to transactions.
  CREATE SEQUENCE ${SCHEMA}.clock_ms;
  CREATE FUNCTION ${SCHEMA}.now() RETURNS timestamptz LANGUAGE sql STABLE AS
    'SELECT to_timestamp(last_value / 1000.0) FROM ${SCHEMA}.clock_ms';
  CREATE FUNCTION ${SCHEMA}.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT to_timestamp(last_value / 1000.0) FROM ${SCHEMA}.clock_ms';
  DO $$ DECLARE col record; BEGIN
    FOR col IN SELECT table_name, column_name FROM information_schema.columns
      WHERE table_schema = 'public' AND (column_default ILIKE '%now()%' OR column_default ILIKE '%CURRENT_TIMESTAMP%')
    LOOP
      EXECUTE format('ALTER TABLE public.%I ALTER COLUMN %I SET DEFAULT ${SCHEMA}.now()', col.table_name, col.column_name);
    END LOOP;
  END $$`

/** Buyers of the simulation have no accounts. */
const WITHOUT_ACCOUNTS = 'ALTER TABLE public.holds DROP CONSTRAINT holds_account_id_fkey'

/** Replaces the clock of a migrated database, before it is copied for a replay. */
export async function prepareForReplay(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(OWN_CLOCK)
    await client.query(WITHOUT_ACCOUNTS)
  } finally {
    await client.end()
  }
}

/** A connected database whose clock is set by the replay. */
export class ReplayDatabase {
  nowMs = 0

  private constructor(
    readonly prisma: PrismaClient,
    private readonly client: Client,
  ) {}

  /** `url`: of a copy of a database with its own clock. */
  static async connect(url: string): Promise<ReplayDatabase> {
    const client = new Client({ connectionString: url })
    await client.connect()
    const pool = { connectionString: url, max: POOL_SIZE, options: SEARCH_PATH, lock_timeout: LOCK_TIMEOUT_MS }
    return new ReplayDatabase(new PrismaClient({ errorFormat: 'minimal', adapter: new PrismaPg(pool) }), client)
  }

  /** The mode of the system exists from the start. */
  async start(nowMs: number): Promise<void> {
    await this.setClock(nowMs)
    await this.client.query(`UPDATE system_mode SET since = ${SCHEMA}.now()`)
    await this.client.query(`UPDATE connections SET created_at = ${SCHEMA}.now()`)
  }

  async setClock(nowMs: number): Promise<void> {
    if (nowMs === this.nowMs) return
    this.nowMs = nowMs
    await this.client.query(`SELECT setval('${SCHEMA}.clock_ms', $1)`, [nowMs])
  }

  async close(): Promise<void> {
    await this.prisma.$disconnect()
    await this.client.end()
  }
}
