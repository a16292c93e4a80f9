import type { ProcessRecord } from '../processes/process-record.js'

/** `package`: the distribution's Redis, unpacked next to the data; `server`: an installed one. */
export type RedisKind = 'external' | 'server' | 'package' | 'docker'

/** The only message to the guardian. */
export interface GuardianRequest {
  /** Of the application. */
  name: string
  dataDir: string
  /** Where downloaded programs are cached; null: in the data directory. */
  programsDir: string | null
  durable: boolean
  owner: ProcessRecord
  startedAt: string
  /** The addresses of external servers; null: start one. */
  external: { databaseUrl: string | null; redisUrl: string | null }
  /** The addresses reported by an earlier guardian of this owner: they must not change. */
  previous: { databaseUrl: string; redisUrl: string } | null
}

/** The only reply of the guardian. */
export type GuardianReply =
  { ready: { databaseUrl: string; redisUrl: string; redisKind: RedisKind } } | { failed: string }
