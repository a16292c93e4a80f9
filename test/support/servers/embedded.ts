import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'
import { isRunning, type ProcessRecord } from '#embedded-services'

export interface Addresses {
  databaseUrl: string
  redisUrl: string
}

export interface Owner extends Addresses {
  process: ChildProcess
  /** Stops the process gracefully and returns its exit code. */
  stop(): Promise<number | null>
}

export interface OwnerOptions {
  uid?: number
  /** The checkout that the process runs from. */
  root?: string
  programsDir?: string
}

/** Starts a process that owns embedded servers; throws with its standard error if it exits before it is ready. */
export async function startOwner(dataDir: string, options: OwnerOptions = {}): Promise<Owner> {
  const { uid, root = '.', programsDir = resolve('node_modules/.cache/traffic-police') } = options
  const args = ['--import', './tools/typescript.mjs', 'test/support/servers/embedded-owner.ts', dataDir]
  const child = spawn(process.execPath, [...args, programsDir], {
    cwd: resolve(root),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const errors = text(child.stderr)
  const ready = once(createInterface({ input: child.stdout }), 'line').then(([line]) => JSON.parse(line) as Addresses)
  const exited = once(child, 'exit').then(async ([code]) => {
    throw new Error(`exit ${code}: ${await errors}`)
  })
  const addresses = await Promise.race([ready, exited])
  exited.catch(() => {}) // an exit after this point is handled by the test
  const stop = async () => {
    const exit = once(child, 'exit') as Promise<[number | null]>
    child.kill('SIGTERM')
    return (await exit)[0]
  }
  return { ...addresses, process: child, stop }
}

/** The server processes of a data directory, from their pid files. */
export function serverProcesses(dataDir: string): { postgres: ProcessRecord; redis: ProcessRecord } {
  const read = (name: string) => JSON.parse(readFileSync(join(dataDir, `${name}.pid.json`), 'utf8')) as ProcessRecord
  return { postgres: read('postgres'), redis: read('redis') }
}

export async function untilExited(...records: ProcessRecord[]): Promise<void> {
  const deadline = Date.now() + 20_000
  while (records.some(isRunning)) {
    if (Date.now() > deadline) throw new Error(`Still running: ${JSON.stringify(records.filter(isRunning))}`)
    await sleep(20)
  }
}

/** Runs one statement on a new connection; returns the first column of the first row as text. */
export async function sql(url: string, statement: string): Promise<string | undefined> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {}) // if the server is killed, the query rejects
  await client.connect()
  try {
    const { rows } = await client.query<unknown[]>({ text: statement, rowMode: 'array' })
    return rows[0]?.[0] === undefined ? undefined : String(rows[0][0])
  } finally {
    await client.end()
  }
}

/** Runs one Redis command on a new connection. */
export async function redis(url: string, command: string, ...args: string[]): Promise<unknown> {
  const client = new Redis(url, {
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    lazyConnect: true,
    enableReadyCheck: false,
  })
  client.on('error', () => {}) // `connect` rejects
  await client.connect()
  try {
    return await client.call(command, ...args)
  } finally {
    client.disconnect()
  }
}

/** Retries `attempt` while a server restarts; throws the last error after the timeout. */
export async function eventually<T>(attempt: () => Promise<T>, withinMs = 15_000): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(50)
    }
  }
}
