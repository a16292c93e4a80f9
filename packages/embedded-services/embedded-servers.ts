import { resolve } from 'node:path'
import { GuardianLink } from './guardian/guardian-link.js'
import type { RedisKind } from './guardian/guardian-protocol.js'
import { recordOf } from './processes/process-record.js'

export interface EmbeddedOptions {
  /** Of the application: lower-case letters, digits and hyphens. The database has the same, with underscores. */
  name: string
  /** Created if missing. */
  dataDir: string
  /** External servers; null: an embedded one is started. */
  databaseUrl: string | null
  redisUrl: string | null
  log: (line: string) => void
  /** False (tests): data need not survive a crash of the machine. */
  durable?: boolean
  /** Where downloaded programs are cached; by default the data directory. */
  programsDir?: string
  /** Node options of the guardian; needed only to load TypeScript, where this package is not compiled. */
  nodeOptions?: readonly string[]
}

export interface EmbeddedServers {
  databaseUrl: string
  redisUrl: string
  redisKind: RedisKind
  stop(): Promise<void>
}

/**
 * Starts and supervises PostgreSQL and Redis for a service without configured servers. They stop with `stop()` and
 * whenever this process dies. Throws when the data directory is in use by another live process or a server does not
 * start.
 */
export async function startEmbeddedServers(options: EmbeddedOptions): Promise<EmbeddedServers> {
  const { databaseUrl, redisUrl } = options
  if (databaseUrl && redisUrl) return { databaseUrl, redisUrl, redisKind: 'external', stop: async () => {} }
  const owner = recordOf(process.pid)
  if (!owner) throw new Error('Processes cannot be identified on this system; set DATABASE_URL and REDIS_URL')
  const guardian = new GuardianLink(
    {
      name: options.name,
      dataDir: resolve(options.dataDir),
      programsDir: options.programsDir ? resolve(options.programsDir) : null,
      durable: options.durable ?? true,
      owner,
      startedAt: new Date().toISOString(),
      external: { databaseUrl, redisUrl },
      previous: null,
    },
    options.log,
    options.nodeOptions,
  )
  return { ...(await guardian.start()), stop: () => guardian.stop() }
}
