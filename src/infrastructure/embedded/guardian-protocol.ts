import type { ProcessRecord } from './process-record.js'

/** `package`: the distribution's Redis, unpacked beside the data; `server`: one that is installed here. */
export type RedisKind = 'external' | 'server' | 'package' | 'docker'

/** What the guardian is told, once. */
export interface GuardianOrder {
  dataDir: string
  /** Where fetched programs are kept; null: in the data directory. */
  programsDir: string | null
  durable: boolean
  owner: ProcessRecord
  startedAt: string
  /** The addresses of servers that are not ours; null: start one. */
  external: { databaseUrl: string | null; redisUrl: string | null }
  /** The addresses an earlier guardian of this owner gave out: they must stay. */
  previous: { databaseUrl: string; redisUrl: string } | null
}

/** What the guardian answers, once. */
export type GuardianReply =
  { ready: { databaseUrl: string; redisUrl: string; redisKind: RedisKind } } | { failed: string }
