import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { waitUntilResponding, launch, logTail } from '../processes/child-server.js'
import { freePort } from '../processes/free-port.js'
import { POSTGRES_ENV, postgresBinaries } from './postgres-binaries.js'
import { ensureCluster, POSTGRES_SECRET } from './postgres-cluster.js'
import { stopLeftover } from '../processes/process-record.js'
import type { StopSteps } from '../processes/process-record.js'
import type { ServerPlace } from '../data-dir/server-place.js'
import type { RunningServer } from '../guardian/supervisor.js'

/** Fast shutdown, then immediate (recovers at the next start), then kill. */
const STOP_STEPS: StopSteps = [
  ['SIGINT', 15_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 2_000],
]
const READY_TIMEOUT_MS = 60_000
const MAX_ATTEMPTS = 10

/** Starts PostgreSQL on its data directory, at the given URL or a free port; the database exists when it resolves. */
export async function startPostgres(place: ServerPlace, url: string | null): Promise<RunningServer> {
  const { home, user, signal } = place
  const binaries = postgresBinaries(place.programs, user)
  const recordFile = join(home, 'postgres.pid.json')
  if (await stopLeftover(recordFile, STOP_STEPS)) place.log('Stopped a PostgreSQL left over from an earlier run')
  const database = place.name.replaceAll('-', '_')
  const data = join(home, 'postgres')
  await ensureCluster(data, binaries, place)
  const password = place.secret(POSTGRES_SECRET)
  const logFile = join(home, 'postgres.log')
  for (let attempt = 1; attempt <= MAX_ATTEMPTS && !signal.aborted; attempt++) {
    const port = url ? Number(new URL(url).port) : await freePort(place.lastPort('postgres'))
    const address = `postgresql://postgres:${password}@127.0.0.1:${port}`
    const args = ['-D', data, ...settings(port, place.durable)]
    const server = await launch({
      command: binaries.postgres,
      args,
      input: '',
      env: POSTGRES_ENV,
      user,
      logFile,
      recordFile,
      stopSteps: STOP_STEPS,
    })
    if (await waitUntilResponding(server, () => responds(`${address}/postgres`), READY_TIMEOUT_MS)) {
      await createDatabase(`${address}/postgres`, database)
      place.savePort('postgres', port)
      return { url: `${address}/${database}`, ended: server.ended, stop: server.stop }
    }
    // The port was taken in the meantime, or children of a killed server still hold its shared memory.
    await sleep(500)
  }
  throw new Error(`PostgreSQL did not start:\n${logTail(logFile)}`)
}

function settings(port: number, durable: boolean): string[] {
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Statements contain personal data; the service logs its own errors.
    log_min_messages: 'fatal',
    log_checkpoints: 'off',
    logging_collector: 'off',
    ...(durable ? { fsync: 'on' } : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

async function responds(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {}) // the server may still end; `connect` and `waitUntilResponding` report it
  try {
    await client.connect()
    return true
  } catch (error) {
    if ((error as { code?: string }).code === '28P01') {
      throw new Error(
        'PostgreSQL rejects the password in postgres-password: the file was replaced; restore the old one',
        {
          cause: error,
        },
      )
    }
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

async function createDatabase(url: string, name: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${name}`)
  } finally {
    await client.end()
  }
}
