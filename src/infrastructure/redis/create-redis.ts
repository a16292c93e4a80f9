import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger } from '@nestjs/common'
import { Cluster, Redis } from 'ioredis'
import { parseRedisUrl, type RedisTarget } from './redis-url.js'
import { reconnectDelayMs, redisOptions, type RedisUse } from './redis-options.js'
import { SystemTimers } from '../time/system-time.js'
import { waitAtMost } from '../time/with-timeout.js'

export type RedisClient = Redis | Cluster

const TIMERS = new SystemTimers()
const CLOSE_TIMEOUT_MS = 1000
const READY_TIMEOUT_MS = 1000

/**
 * Opens a connection for one use. It reconnects indefinitely and emits no unhandled errors.
 * Commands of all uses but `worker` fail within their timeout while Redis is unavailable; the outcome of a failed write
 * is unknown. Throws only when the URL is invalid.
 */
export function createRedis(url: string, use: RedisUse): RedisClient {
  const client = connect(parseRedisUrl(url), use)
  logTransitions(client, use)
  return client
}

/**
 * Resolves with the client once its first connection attempt has succeeded or failed, or after a second: otherwise
 * fail-fast clients would reject commands right after the start.
 */
export async function waitUntilReady(client: RedisClient): Promise<RedisClient> {
  if (client.status === 'ready') return client
  const attempt = new AbortController()
  const events = ['ready', 'error', 'close'].map((event) => once(client, event, { signal: attempt.signal }))
  const timeout = sleep(READY_TIMEOUT_MS, undefined, { signal: attempt.signal })
  await Promise.race([...events, timeout]).catch(() => undefined)
  attempt.abort()
  await Promise.allSettled([...events, timeout])
  return client
}

/** Sends QUIT if connected, otherwise drops the connection; takes at most a second. */
export async function closeRedis(client: RedisClient): Promise<void> {
  if (client.status === 'ready') {
    await waitAtMost(CLOSE_TIMEOUT_MS, () => client.quit().catch(() => undefined), TIMERS)
  }
  client.disconnect()
}

function connect(target: RedisTarget, use: RedisUse): RedisClient {
  const options = redisOptions(use)
  const access = {
    ...(target.username ? { username: target.username } : {}),
    ...(target.password ? { password: target.password } : {}),
    ...(target.tls ? { tls: {} } : {}),
  }
  if (target.kind === 'cluster') {
    const { enableOfflineQueue = true, retryStrategy: _, ...perNode } = options
    return new Cluster(target.nodes, {
      enableOfflineQueue,
      clusterRetryStrategy: reconnectDelayMs,
      // Low, so that a command for a dead master fails before its caller times out.
      maxRedirections: 4,
      redisOptions: { ...perNode, ...access },
    })
  }
  if (target.kind === 'sentinel') {
    const { sentinels, master: name, db, sentinelPassword } = target
    const guard = { ...(sentinelPassword ? { sentinelPassword } : {}), enableTLSForSentinelMode: target.tls }
    const found = { sentinels, name, db, sentinelRetryStrategy: reconnectDelayMs }
    // An old master that is partitioned from its sentinels still responds: the detector closes its connections on failover.
    return new Redis({ ...options, ...access, ...guard, ...found, failoverDetector: true })
  }
  return new Redis({ ...options, ...access, host: target.host, port: target.port, db: target.db })
}

/** Logs once when Redis becomes unreachable and once when it is reachable again. The error listener is required. */
function logTransitions(client: RedisClient, use: RedisUse): void {
  const logger = new Logger('Redis')
  let unreachable = false
  client.on('error', (error: Error) => {
    if (!unreachable) logger.warn(`Redis (${use}) cannot be reached: ${error.message || error.name}`)
    unreachable = true
  })
  client.on('close', () => {
    if (!unreachable && client.status !== 'end') logger.warn(`Redis (${use}) closed the connection`)
    unreachable = true
  })
  client.on('ready', () => {
    if (unreachable) logger.log(`Redis (${use}) is reachable again`)
    unreachable = false
  })
}
