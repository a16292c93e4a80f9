import type { CommonRedisOptions } from 'ioredis'
import { meansFailover } from '../errors/redis-outage.js'

/** What a connection is for. Request paths fail fast; workers wait until Redis is reachable again. */
export type RedisUse = 'gate' | 'limiter' | 'queue' | 'worker' | 'health'

const MAX_RETRY_MS = 1000

const FAIL_FAST = { enableOfflineQueue: false, connectTimeout: 1000 }

const BY_USE: Record<RedisUse, CommonRedisOptions> = {
  gate: { ...FAIL_FAST, maxRetriesPerRequest: 1, commandTimeout: 500 },
  limiter: { ...FAIL_FAST, maxRetriesPerRequest: 1, commandTimeout: 200 },
  queue: { ...FAIL_FAST, maxRetriesPerRequest: 1, commandTimeout: 500 },
  health: { ...FAIL_FAST, maxRetriesPerRequest: 0, commandTimeout: 500 },
  // A command timeout would break blocking pops; the socket timeout detects connections that died silently.
  worker: { maxRetriesPerRequest: null, connectTimeout: 2000, socketTimeout: 10_000 },
}

/** The connection options, for one server or for every node of a cluster. */
export function redisOptions(use: RedisUse): CommonRedisOptions {
  return {
    ...BY_USE[use],
    connectionName: `trafficpolice-${use}`,
    retryStrategy: reconnectDelayMs,
    // Without an offline queue a command cannot wait for the reconnect: it fails with READONLY, and the next one succeeds.
    reconnectOnError: (error) => meansFailover(error) && (use === 'worker' ? 2 : 1),
  }
}

/** Doubles from 50 ms to 1 s; half of it is jitter, so that processes do not reconnect simultaneously. */
export function reconnectDelayMs(attempt: number): number {
  const bound = Math.min(50 * 2 ** Math.min(attempt - 1, 10), MAX_RETRY_MS)
  return Math.round(bound / 2 + (Math.random() * bound) / 2)
}
