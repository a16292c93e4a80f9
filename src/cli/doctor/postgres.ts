import { Client } from 'pg'
import { pendingMigrations } from '../../infrastructure/prisma/migrate.js'
import type { Servers } from '../servers.js'
import { clockFinding, findingsOf, green, red, yellow, type Finding } from './finding.js'

const CONNECT_MS = 3_000
const OLDEST = 13
const MISSING_DATABASE = '3D000'
const START = 'Start the service: it migrates at start'

/** Reachable, new enough, in time, and with the tables of this version. */
export async function postgresFindings({ databaseUrl }: Servers, migrations: string): Promise<Finding[]> {
  const fix = 'Start PostgreSQL, or correct DATABASE_URL'
  const server = await findingsOf('postgresql', () => serverFindings(databaseUrl), fix)
  if (server.some(({ check, level }) => check === 'postgresql' && level === 'red')) return server
  const schema = findingsOf('schema', () => schemaFindings(databaseUrl, migrations), 'Put the migrations in order')
  return [...server, ...(await schema)]
}

async function serverFindings(connectionString: string): Promise<Finding[]> {
  const client = new Client({ connectionString, connectionTimeoutMillis: CONNECT_MS, query_timeout: CONNECT_MS })
  client.on('error', () => undefined) // the query tells
  try {
    await client.connect()
  } catch (error) {
    if ((error as { code?: string }).code !== MISSING_DATABASE) throw error
    return [yellow('postgresql', 'answers, but the database is not there yet', START)]
  }
  try {
    const asked = Date.now()
    const { rows } = await client.query<{ version: string; ms: number }>(
      `SELECT current_setting('server_version') AS version, extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms`,
    )
    const answered = Date.now()
    const { version = '', ms = Number.NaN } = rows[0] ?? {}
    return [versionFinding(version), clockFinding('postgresql clock', ms, asked, answered)]
  } finally {
    await client.end()
  }
}

function versionFinding(version: string): Finding {
  const detail = `PostgreSQL ${version}`
  if (Number.parseInt(version, 10) >= OLDEST) return green('postgresql', detail)
  return red('postgresql', detail, `Upgrade to PostgreSQL ${OLDEST} or newer`)
}

async function schemaFindings(databaseUrl: string, migrations: string): Promise<Finding[]> {
  try {
    const { pending, fresh } = await pendingMigrations(databaseUrl, migrations)
    if (pending.length === 0) return [green('schema', 'every migration is applied, none was edited')]
    if (fresh) return [yellow('schema', 'nothing is set up yet', START)]
    return [red('schema', `not applied yet: ${pending.join(', ')}`, START)]
  } catch (error) {
    if ((error as { code?: string }).code !== MISSING_DATABASE) throw error
    return [yellow('schema', 'nothing is set up yet', START)]
  }
}
