import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger } from '@nestjs/common'
import { Cluster, Redis } from 'ioredis'
import { parseRedisUrl, type RedisTarget } from './redis-url.js'
import { reconnectDelayMs, redisOptions, type RedisUse } from './redis-options.js'

export type RedisClient = Redis | Cluster

const CLOSE_WITHIN_MS = 1000
const SETTLE_WITHIN_MS = 1000

/**
 * Opens a connection for one use and keeps it open: it reconnects for ever and never throws on its own.
 * Commands of all uses but `worker` fail within their time limit while Redis is away; such a failure of a write
 * means "unknown", not "not done". Throws only when the address cannot be read.
 */
export function createRedis(url: string, use: RedisUse): RedisClient {
  const client = connect(parseRedisUrl(url), use)
  logTransitions(client, use)
  return client
}

/**
 * Resolves with the client once its first attempt to connect has ended, well or not, or after a second: commands of
 * clients that fail fast would else be refused in the first moments of a process.
 */
export async function settled(client: RedisClient): Promise<RedisClient> {
  if (client.status === 'ready') return client
  const attempt = new AbortController()
  const events = ['ready', 'error', 'close'].map((event) => once(client, event, { signal: attempt.signal }))
  const timeout = sleep(SETTLE_WITHIN_MS, undefined, { signal: attempt.signal })
  await Promise.race([...events, timeout]).catch(() => undefined)
  attempt.abort()
  await Promise.allSettled([...events, timeout])
  return client
}

/** Says goodbye where Redis listens, else drops the connection; done within a second either way. */
export async function closeRedis(client: RedisClient): Promise<void> {
  if (client.status === 'ready') {
    const timeout = new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS).unref())
    await Promise.race([client.quit().catch(() => undefined), timeout])
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
      // Few, so that a command for a dead master fails while its caller still waits.
      maxRedirections: 4,
      redisOptions: { ...perNode, ...access },
    })
  }
  if (target.kind === 'sentinel') {
    const { sentinels, master: name, db, sentinelPassword } = target
    const guard = { ...(sentinelPassword ? { sentinelPassword } : {}), enableTLSForSentinelMode: target.tls }
    const found = { sentinels, name, db, sentinelRetryStrategy: reconnectDelayMs }
    // An old master that is cut off from its sentinels still answers: a promotion ends its connections.
    return new Redis({ ...options, ...access, ...guard, ...found, failoverDetector: true })
  }
  return new Redis({ ...options, ...access, host: target.host, port: target.port, db: target.db })
}

/** One line when Redis goes away and one when it is back; a client without an error listener ends the process. */
function logTransitions(client: RedisClient, use: RedisUse): void {
  const logger = new Logger('Redis')
  let away = false
  client.on('error', (error: Error) => {
    if (!away) logger.warn(`Redis (${use}) cannot be reached: ${error.message || error.name}`)
    away = true
  })
  client.on('close', () => {
    if (!away && client.status !== 'end') logger.warn(`Redis (${use}) closed the connection`)
    away = true
  })
  client.on('ready', () => {
    if (away) logger.log(`Redis (${use}) is back`)
    away = false
  })
}
