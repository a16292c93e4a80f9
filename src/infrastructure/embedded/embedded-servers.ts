import { resolve } from 'node:path'
import { GuardianLink } from './guardian-link.js'
import type { RedisKind } from './guardian-protocol.js'
import { recordOf } from './process-record.js'

export interface EmbeddedOptions {
  /** Made if missing. */
  dataDir: string
  /** Servers that are run by others; null: one of our own is started. */
  databaseUrl: string | null
  redisUrl: string | null
  log: (line: string) => void
  /** False, for tests: data need not survive a crash of the machine. */
  durable?: boolean
  /** Where fetched programs are kept between runs; by default the data directory. */
  programsDir?: string
}

export interface EmbeddedServers {
  databaseUrl: string
  redisUrl: string
  redisKind: RedisKind
  stop(): Promise<void>
}

/**
 * PostgreSQL and Redis for a service that was given none: started here, kept alive, stopped by `stop()` and also when
 * this process dies in any way. Throws when the data directory is in use by another living process, or a server does
 * not start.
 */
export async function startEmbeddedServers(options: EmbeddedOptions): Promise<EmbeddedServers> {
  const { databaseUrl, redisUrl } = options
  if (databaseUrl && redisUrl) return { databaseUrl, redisUrl, redisKind: 'external', stop: async () => {} }
  const owner = recordOf(process.pid)
  if (!owner) throw new Error('This system does not tell its processes apart; set DATABASE_URL and REDIS_URL')
  const guardian = new GuardianLink(
    {
      dataDir: resolve(options.dataDir),
      programsDir: options.programsDir ? resolve(options.programsDir) : null,
      durable: options.durable ?? true,
      owner,
      startedAt: new Date().toISOString(),
      external: { databaseUrl, redisUrl },
      previous: null,
    },
    options.log,
  )
  return { ...(await guardian.start()), stop: () => guardian.stop() }
}
