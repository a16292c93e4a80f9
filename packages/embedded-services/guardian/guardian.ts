import { lockDataDir } from '../data-dir/data-dir-lock.js'
import type { GuardianReply, GuardianRequest, RedisKind } from './guardian-protocol.js'
import { startPostgres } from '../postgres/postgres-server.js'
import { makeTraversable } from '../data-dir/private-file.js'
import { recordOf } from '../processes/process-record.js'
import { startRedis } from '../redis/redis-server.js'
import { removeRuntime, writeRuntime } from '../data-dir/runtime-file.js'
import { serverPlace } from '../data-dir/server-place.js'
import { Supervisor } from './supervisor.js'

/**
 * A separate process that owns the embedded servers. It outlives the service just long enough to stop them: the IPC
 * channel closes however the service ends, even on kill -9.
 */
const stopping = new AbortController()
const cleanUps: (() => void | Promise<void>)[] = []
const log = (line: string) => process.stderr.write(`${line}\n`)
const reply = (message: GuardianReply) => process.connected && process.send?.(message)

async function start(request: GuardianRequest): Promise<void> {
  const self = recordOf(process.pid)
  if (!self) throw new Error('Processes cannot be identified on this system')
  makeTraversable(request.dataDir)
  cleanUps.push(await lockDataDir(request.dataDir, { guardian: self, owner: request.owner }))
  const place = serverPlace({ ...request, log, signal: stopping.signal })
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
  cleanUps.push(async () => void (await allOrThrow([postgres.stop(), redis.stop()])))
  const { external, previous } = request
  const [databaseUrl, redisUrl] = await allOrThrow([
    external.databaseUrl ?? postgres.start(previous?.databaseUrl ?? null),
    external.redisUrl ?? redis.start(previous?.redisUrl ?? null),
  ])
  stopping.signal.throwIfAborted()
  writeRuntime(request.dataDir, { ...request.owner, databaseUrl, redisUrl, startedAt: request.startedAt })
  cleanUps.push(() => removeRuntime(request.dataDir))
  reply({ ready: { databaseUrl, redisUrl, redisKind } })
}

/** Like Promise.all, but waits for all promises before it throws: nothing may start after the clean-up. */
async function allOrThrow<T extends readonly unknown[]>(
  promises: [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

async function stop(): Promise<void> {
  if (stopping.signal.aborted) return
  stopping.abort()
  await starting.catch(() => {}) // reported by the message handler
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
process.stderr.on('error', () => {}) // the service has ended
process.on('SIGINT', () => {}) // Ctrl-C is handled by the service, which then disconnects
process.on('SIGHUP', () => {})
process.once('SIGTERM', () => void stop())
process.once('disconnect', () => void stop())
process.once('message', (request: GuardianRequest) => {
  starting = start(request)
  starting.catch((error: Error) => {
    reply({ failed: error.message })
    return stop()
  })
})
