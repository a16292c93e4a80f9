import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../../src/infrastructure/embedded/postgres-server.js'
import { serverPlace } from '../../src/infrastructure/embedded/server-place.js'
import { applyMigrations } from '../../src/infrastructure/prisma/migrate.js'
import { passable } from './directories.js'

/** A PostgreSQL of one's own, migrated, to do to it what should never happen. */
export interface OwnPostgres {
  url: string
  /** Ends it; connections are cut. */
  halt(): Promise<void>
  /** Starts it again, after `halt`, at the same address with its data. */
  resume(): Promise<void>
  /** Ends it and forgets its data. */
  stop(): Promise<void>
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const home = passable(mkdtempSync(join(tmpdir(), 'traffic-police-postgres-')))
  const place = serverPlace({
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
