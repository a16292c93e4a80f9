import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres, serverPlace } from '#embedded-services'
import { applyMigrations } from '../../../src/infrastructure/prisma/migrate.js'
import { makeReadable } from './directories.js'

/** A migrated PostgreSQL server for tests that inject faults. */
export interface DedicatedPostgres {
  url: string
  /** Stops the server; connections are closed. */
  halt(): Promise<void>
  /** Restarts the server after `halt`, at the same address with its data. */
  resume(): Promise<void>
  /** Stops the server and deletes its data. */
  stop(): Promise<void>
}

export async function startDedicatedPostgres(): Promise<DedicatedPostgres> {
  const home = makeReadable(mkdtempSync(join(tmpdir(), 'traffic-police-postgres-')))
  const place = serverPlace({
    name: 'traffic-police',
    dataDir: home,
    programsDir: 'node_modules/.cache/traffic-police',
    durable: false,
    signal: new AbortController().signal,
    log: (line) => console.error(line),
  })
  let server = await startPostgres(place, null)
  const { url } = server
  await applyMigrations(url, 'prisma/migrations', () => {})
  return {
    url,
    halt: () => server.stop(),
    async resume() {
      server = await startPostgres(place, url)
    },
    async stop() {
      await server.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
