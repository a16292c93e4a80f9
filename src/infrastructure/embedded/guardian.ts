import { lockDataDir } from './data-dir-lock.js'
import type { GuardianReply, GuardianOrder, RedisKind } from './guardian-protocol.js'
import { startPostgres } from './postgres-server.js'
import { makePassable } from './private-file.js'
import { recordOf } from './process-record.js'
import { startRedis } from './redis-server.js'
import { removeRuntime, writeRuntime } from './runtime-file.js'
import { serverPlace } from './server-place.js'
import { Supervisor } from './supervisor.js'

/**
 * A process of its own that owns the embedded servers. It outlives the service just long enough to stop them, however
 * the service ends: the channel between the two closes, even on kill -9.
 */
const stopping = new AbortController()
const cleanUps: (() => void | Promise<void>)[] = []
const log = (line: string) => process.stderr.write(`${line}\n`)
const answer = (message: GuardianReply) => process.connected && process.send?.(message)

async function start(order: GuardianOrder): Promise<void> {
  const me = recordOf(process.pid)
  if (!me) throw new Error('This system does not tell its processes apart')
  makePassable(order.dataDir)
  cleanUps.push(await lockDataDir(order.dataDir, { guardian: me, owner: order.owner }))
  const place = serverPlace({ ...order, log, signal: stopping.signal })
  let redisKind: RedisKind = 'external'
  const postgres = new Supervisor('PostgreSQL', (url) => startPostgres(place, url), log)
  const redis = new Supervisor(
    'Redis',
    async (url) => {
      const server = await startRedis(place, url)
      redisKind = server.kind
      return server
    },
    log,
  )
  cleanUps.push(async () => void (await settle([postgres.end(), redis.end()])))
  const { external, previous } = order
  const [databaseUrl, redisUrl] = await settle([
    external.databaseUrl ?? postgres.begin(previous?.databaseUrl ?? null),
    external.redisUrl ?? redis.begin(previous?.redisUrl ?? null),
  ])
  stopping.signal.throwIfAborted()
  writeRuntime(order.dataDir, { ...order.owner, databaseUrl, redisUrl, startedAt: order.startedAt })
  cleanUps.push(() => removeRuntime(order.dataDir))
  answer({ ready: { databaseUrl, redisUrl, redisKind } })
}

/** Like Promise.all, but waits for all of them before it throws: nothing may start after the clean-up. */
async function settle<T extends readonly unknown[]>(
  work: [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work)
  return Promise.all(work)
}

async function stop(): Promise<void> {
  if (stopping.signal.aborted) return
  stopping.abort()
  await starting.catch(() => {}) // told by whoever awaited it
  let code = 0
  for (const cleanUp of cleanUps.toReversed()) {
    try {
      await cleanUp()
    } catch (error) {
      log(String(error))
      code = 1
    }
  }
  process.exit(code)
}

let starting: Promise<void> = Promise.resolve()
process.stderr.on('error', () => {}) // the service is gone
process.on('SIGINT', () => {}) // a Ctrl-C is for the service, which then lets us go
process.on('SIGHUP', () => {})
process.once('SIGTERM', () => void stop())
process.once('disconnect', () => void stop())
process.once('message', (order: GuardianOrder) => {
  starting = start(order)
  starting.catch((error: Error) => {
    answer({ failed: error.message })
    return stop()
  })
})
