import { Client } from 'pg'
import { pendingMigrations } from '../../infrastructure/prisma/migrate.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import type { Servers } from '../servers.js'
import { clockFinding, findingsOf, green, red, yellow, type Finding } from './finding.js'

const TIMEOUT_MS = 3_000
const MIN_VERSION = 13
const MISSING_DATABASE = '3D000'
const FIX_START = 'Start the service: it migrates at start'
const EMPTY_SCHEMA = yellow('schema', 'no migration is applied yet', FIX_START)

/** Checks that PostgreSQL is reachable, new enough, has a correct clock and the schema of this version. */
export async function postgresFindings({ databaseUrl }: Servers, migrations: string, clock: Clock): Promise<Finding[]> {
  const fix = 'Start PostgreSQL, or correct DATABASE_URL'
  const server = await findingsOf('postgresql', () => serverFindings(databaseUrl, clock), fix)
  if (server.some(({ check, level }) => check === 'postgresql' && level === 'red')) return server
  const schema = findingsOf('schema', () => schemaFindings(databaseUrl, migrations), 'Repair the migrations')
  return [...server, ...(await schema)]
}

async function serverFindings(connectionString: string, clock: Clock): Promise<Finding[]> {
  const client = new Client({ connectionString, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS })
  client.on('error', () => undefined) // reported by the query
  try {
    await client.connect()
  } catch (error) {
    if ((error as { code?: string }).code !== MISSING_DATABASE) throw error
    return [yellow('postgresql', 'reachable, but the database does not exist yet', FIX_START)]
  }
  try {
    const requestedAt = clock.now().getTime()
    const { rows } = await client.query<{ version: string; ms: number }>(
      `SELECT current_setting('server_version') AS version, extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms`,
    )
    const respondedAt = clock.now().getTime()
    const { version = '', ms = Number.NaN } = rows[0] ?? {}
    return [versionFinding(version), clockFinding('postgresql clock', ms, requestedAt, respondedAt)]
  } finally {
    await client.end()
  }
}

/** Whether a finding is that there are no tables. */
export function isEmptySchema(finding: Finding): boolean {
  return finding === EMPTY_SCHEMA
}

function versionFinding(version: string): Finding {
  const detail = `PostgreSQL ${version}`
  if (Number.parseInt(version, 10) >= MIN_VERSION) return green('postgresql', detail)
  return red('postgresql', detail, `Upgrade to PostgreSQL ${MIN_VERSION} or newer`)
}

async function schemaFindings(databaseUrl: string, migrations: string): Promise<Finding[]> {
  try {
    const { pending, fresh } = await pendingMigrations(databaseUrl, migrations)
    if (pending.length === 0) return [green('schema', 'every migration is applied and unchanged')]
    if (fresh) return [EMPTY_SCHEMA]
    return [red('schema', `not applied yet: ${pending.join(', ')}`, FIX_START)]
  } catch (error) {
    if ((error as { code?: string }).code !== MISSING_DATABASE) throw error
    return [EMPTY_SCHEMA]
  }
}
