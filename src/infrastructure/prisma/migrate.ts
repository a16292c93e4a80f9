import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { connectOrCreate } from './create-database.js'

/** Lock and table are those of `prisma migrate`, so that both can be used on one database. */
const PRISMA_LOCK = 72707369
const LOCK_TIMEOUT_MS = 60_000
const CONNECT_TIMEOUT_MS = 3_000
const TABLE = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`

interface Migration {
  name: string
  sql: string
  checksum: string
}

interface Applied {
  migration_name: string
  checksum: string
  finished: boolean
  logs: string | null
}

/**
 * Applies the pending migrations of `migrationsDir`, each in one transaction: a failed one is rolled back and can be
 * retried. Creates the database if it is missing. Returns the names of the applied migrations.
 * Throws when a migration fails, was edited after it was applied, or exists only in the database.
 */
export async function applyMigrations(
  databaseUrl: string,
  migrationsDir: string,
  log: (line: string) => void,
): Promise<string[]> {
  const migrations = readMigrations(migrationsDir)
  const client = await connectOrCreate(databaseUrl, log)
  try {
    await lock(client)
    const pending = findPending(migrations, await readOrCreateHistory(client))
    for (const migration of pending) {
      await apply(client, migration)
      log(`Applied migration ${migration.name}`)
    }
    return pending.map(({ name }) => name)
  } finally {
    await client.end() // ends the session and its lock
  }
}

/**
 * What `applyMigrations` would apply, without changing anything; `fresh`: none was applied yet. Throws in the same cases,
 * and when the database is missing.
 */
export async function pendingMigrations(
  databaseUrl: string,
  migrationsDir: string,
): Promise<{ pending: string[]; fresh: boolean }> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  await client.connect()
  try {
    const before = (await hasHistory(client)) ? await readHistory(client) : []
    const pending = findPending(readMigrations(migrationsDir), before).map(({ name }) => name)
    return { pending, fresh: before.length === 0 }
  } finally {
    await client.end()
  }
}

function readMigrations(dir: string): Migration[] {
  return readdirSync(dir)
    .toSorted()
    .map((name) => ({ name, file: join(dir, name, 'migration.sql') }))
    .filter(({ file }) => existsSync(file))
    .map(({ name, file }) => {
      const bytes = readFileSync(file)
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') }
    })
}

async function lock(client: Client): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`)
  try {
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK])
  } catch (error) {
    if ((error as { code?: string }).code !== '55P03') throw error
    throw new Error(`Another process has been migrating this database for ${LOCK_TIMEOUT_MS / 1000} s`, {
      cause: error,
    })
  }
  await client.query('RESET lock_timeout')
}

async function readOrCreateHistory(client: Client): Promise<Applied[]> {
  if (!(await hasHistory(client))) await client.query(TABLE)
  return readHistory(client)
}

async function hasHistory(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(
    "SELECT to_regclass('_prisma_migrations') IS NOT NULL AS known",
  )
  return rows[0]?.known ?? false
}

async function readHistory(client: Client): Promise<Applied[]> {
  const { rows } = await client.query<Applied>(
    `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished, logs
       FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`,
  )
  return rows
}

function findPending(migrations: Migration[], history: Applied[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const { migration_name: name, checksum, finished, logs } of history) {
    if (!finished) {
      throw new Error(
        `The migration ${name} failed earlier${logs ? ` (${logs.trim().split('\n')[0]})` : ''}. Repair the database, ` +
          `then run: npm run prisma -- migrate resolve --rolled-back ${name}`,
      )
    }
    const migration = known.get(name)
    if (!migration)
      throw new Error(`The database has the migration ${name}, which this version does not know: upgrade the service`)
    if (migration.checksum !== checksum) {
      throw new Error(
        `The migration ${name} was edited after it was applied: restore it and make the change in a new migration`,
      )
    }
  }
  const done = new Set(history.map((row) => row.migration_name))
  return migrations.filter(({ name }) => !done.has(name))
}

async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(sql)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw new Error(`The migration ${name} failed: ${(error as Error).message}`, { cause: error })
  }
}
