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
import { findRedis } from '../../src/infrastructure/embedded/find-redis.js'
import { freePort } from '../../src/infrastructure/embedded/free-port.js'
import { serverPlace } from '../../src/infrastructure/embedded/server-place.js'
import { passable } from './directories.js'

const DATABASES_PER_WORKER = 16
let databasesTaken = 0

/** The address of an empty database on the run's shared Redis that no other test file uses meanwhile. */
export async function sharedRedis(): Promise<string> {
  const worker = Number(process.env.VITEST_POOL_ID ?? 1) % 4
  const url = `${inject('redisUrl')}/${worker * DATABASES_PER_WORKER + (databasesTaken++ % DATABASES_PER_WORKER)}`
  const client = new Redis(url)
  try {
    await client.flushdb()
  } finally {
    client.disconnect()
  }
  return url
}

/** A Redis of one's own, to do to it what should never happen. */
export interface OwnRedis {
  url: string
  port: number
  /** kill -9. */
  kill(): Promise<void>
  /** Ends it in order and forgets its data. */
  stop(): Promise<void>
  /** It keeps its connections and answers nothing. */
  pause(): void
  resume(): void
  /** Starts it again, at the same address: with its data, `empty`, or with the data of the last `copy`. */
  restart(options?: { empty?: boolean; fromCopy?: boolean }): Promise<void>
  /** Keeps its data as they are now. */
  copy(): void
}

export interface OwnRedisOptions {
  /** False: what was written is gone after `kill`, as with a replica that never got it. Default true. */
  durable?: boolean
  /** More lines of its configuration. */
  settings?: string[]
}

/** Ends with this process, however that ends: the shell that started it waits for the end of its input. */
const LEASH = '"$@" <&3 >/dev/null 2>&1 & echo $!; exec 3<&-; read -r _; kill -9 $! 2>/dev/null'

export async function startRedis({ durable = true, settings = [] }: OwnRedisOptions = {}): Promise<OwnRedis> {
  const home = passable(mkdtempSync(join(tmpdir(), 'traffic-police-redis-')))
  const place = { ...testPlace(home), user: null }
  const port = await freePort()
  const program = await findRedis(place, port)
  if (program.kind === 'docker') throw new Error('These tests need a redis-server on this machine: install one')
  const config = [`bind 127.0.0.1`, `port ${port}`, `dir ${JSON.stringify(home)}`, 'save ""', 'databases 64']
  const appending = durable ? ['appendonly yes', 'appendfsync always'] : ['appendonly no']
  const input = [...config, ...appending, ...settings, ''].join('\n')
  const url = `redis://127.0.0.1:${port}`
  let life = await begin(program.command, program.args, input, url)
  return {
    url,
    port,
    kill: () => end(life, 'SIGKILL'),
    pause: () => void process.kill(life.pid, 'SIGSTOP'),
    resume: () => void process.kill(life.pid, 'SIGCONT'),
    copy() {
      rmSync(join(home, 'copy'), { recursive: true, force: true })
      cpSync(join(home, 'appendonlydir'), join(home, 'copy'), { recursive: true })
    },
    async restart({ empty = false, fromCopy = false } = {}) {
      await end(life, 'SIGKILL')
      if (empty || fromCopy) rmSync(join(home, 'appendonlydir'), { recursive: true, force: true })
      if (fromCopy) cpSync(join(home, 'copy'), join(home, 'appendonlydir'), { recursive: true })
      life = await begin(program.command, program.args, input, url)
    },
    async stop() {
      await end(life, 'SIGKILL')
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function testPlace(home: string) {
  const signal = new AbortController().signal
  const programsDir = 'node_modules/.cache/traffic-police'
  return serverPlace({ dataDir: home, programsDir, durable: true, signal, log: (line) => console.error(line) })
}

interface Life {
  leash: ChildProcess
  pid: number
}

async function begin(command: string, args: string[], input: string, url: string): Promise<Life> {
  const leash = spawn('/bin/sh', ['-c', LEASH, 'redis', command, ...args, '-'], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  })
  const config = leash.stdio[3] as NodeJS.WritableStream
  config.end(input)
  const [pid] = (await once(createInterface({ input: leash.stdout as NodeJS.ReadableStream }), 'line')) as [string]
  const life = { leash, pid: Number(pid) }
  await ready(url)
  return life
}

async function ready(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 })
  client.on('error', () => {}) // asked again below
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

async function end({ leash, pid }: Life, signal: NodeJS.Signals): Promise<void> {
  if (leash.exitCode !== null || leash.signalCode !== null) return
  const gone = once(leash, 'exit')
  process.kill(pid, signal)
  leash.stdin?.end()
  await gone
}
