import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { inject } from 'vitest'
import { findRedis, freePort, serverPlace } from '#embedded-services'
import { makeReadable } from './directories.js'

/** At least as many as any suite has. */
const WORKERS = 8
/** The shared Redis has 64. */
const DATABASES_PER_WORKER = 8
let databasesUsed = 0

/** The address of an empty database on the run's shared Redis that no other test file uses concurrently. */
export async function sharedRedis(): Promise<string> {
  const worker = Number(process.env.VITEST_POOL_ID ?? 1) % WORKERS
  const url = `${inject('redisUrl')}/${worker * DATABASES_PER_WORKER + (databasesUsed++ % DATABASES_PER_WORKER)}`
  const client = new Redis(url)
  try {
    await client.flushdb()
  } finally {
    client.disconnect()
  }
  return url
}

/** A Redis server for tests that inject faults. */
export interface DedicatedRedis {
  url: string
  port: number
  /** kill -9. */
  kill(): Promise<void>
  /** Stops the server and deletes its data. */
  stop(): Promise<void>
  /** Suspends the process: connections stay open, but it does not reply. */
  pause(): void
  resume(): void
  /** Restarts the server at the same address: with its data, `empty`, or with the data of the last `copy`. */
  restart(options?: { empty?: boolean; fromCopy?: boolean }): Promise<void>
  /** Saves a copy of its current data. */
  copy(): void
}

export interface DedicatedRedisOptions {
  /** False: writes are lost after `kill`, as with a replica that never received them. Default true. */
  durable?: boolean
  /** Additional configuration lines. */
  settings?: string[]
}

/**
 * Kills Redis when this process exits for any reason: the shell that started Redis waits for the end of its input. It ends
 * after Redis, which writes to its folder until then.
 */
const WATCHDOG = '"$@" <&3 >/dev/null 2>&1 & echo $!; exec 3<&-; read -r _; kill -9 $! 2>/dev/null; wait $! 2>/dev/null'

export async function startRedis({
  durable = true,
  settings = [],
}: DedicatedRedisOptions = {}): Promise<DedicatedRedis> {
  const home = makeReadable(mkdtempSync(join(tmpdir(), 'traffic-police-redis-')))
  const place = { ...temporaryPlace(home), user: null }
  const port = await freePort()
  const program = await findRedis(place, port)
  if (program.kind === 'docker') throw new Error('These tests need a redis-server on this machine: install one')
  const config = [`bind 127.0.0.1`, `port ${port}`, `dir ${JSON.stringify(home)}`, 'save ""', 'databases 64']
  const appending = durable ? ['appendonly yes', 'appendfsync always'] : ['appendonly no']
  const input = [...config, ...appending, ...settings, ''].join('\n')
  const url = `redis://127.0.0.1:${port}`
  let server = await launch(program.command, program.args, input, url)
  return {
    url,
    port,
    kill: () => terminate(server, 'SIGKILL'),
    pause: () => void process.kill(server.pid, 'SIGSTOP'),
    resume: () => void process.kill(server.pid, 'SIGCONT'),
    copy() {
      remove(join(home, 'copy'))
      cpSync(join(home, 'appendonlydir'), join(home, 'copy'), { recursive: true })
    },
    async restart({ empty = false, fromCopy = false } = {}) {
      await terminate(server, 'SIGKILL')
      if (empty || fromCopy) remove(join(home, 'appendonlydir'))
      if (fromCopy) cpSync(join(home, 'copy'), join(home, 'appendonlydir'), { recursive: true })
      server = await launch(program.command, program.args, input, url)
    },
    async stop() {
      await terminate(server, 'SIGKILL')
      remove(home)
    },
  }
}

/** A rewrite of the append-only file is a process of its own: it may create files until shortly after Redis is killed. */
function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

function temporaryPlace(home: string) {
  return serverPlace({
    name: 'traffic-police',
    dataDir: home,
    programsDir: 'node_modules/.cache/traffic-police',
    durable: true,
    signal: new AbortController().signal,
    log: (line) => console.error(line),
  })
}

interface RedisProcess {
  watchdog: ChildProcess
  pid: number
}

async function launch(command: string, args: string[], input: string, url: string): Promise<RedisProcess> {
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'redis', command, ...args, '-'], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  })
  const config = watchdog.stdio[3] as NodeJS.WritableStream
  config.end(input)
  const [pid] = (await once(createInterface({ input: watchdog.stdout as NodeJS.ReadableStream }), 'line')) as [string]
  const server = { watchdog, pid: Number(pid) }
  await untilReady(url)
  return server
}

async function untilReady(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 })
  client.on('error', () => {}) // retried below
  const deadline = Date.now() + 10_000
  try {
    for (;;) {
      try {
        await client.connect()
        await client.ping()
        return
      } catch (error) {
        if (Date.now() > deadline) throw error
        await sleep(20)
      }
    }
  } finally {
    client.disconnect()
  }
}

async function terminate({ watchdog, pid }: RedisProcess, signal: NodeJS.Signals): Promise<void> {
  if (watchdog.exitCode !== null || watchdog.signalCode !== null) return
  const exited = once(watchdog, 'exit')
  process.kill(pid, signal)
  watchdog.stdin?.end()
  await exited
}
