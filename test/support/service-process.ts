import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import type { DebugPoint } from '../../src/infrastructure/debug-point.js'
import { freePort } from '../../src/infrastructure/embedded/free-port.js'
import { ADMIN } from './app.js'

const READY_WITHIN_MS = 45_000

const USUAL = {
  NODE_ENV: 'test',
  AUTH_SECRET: 'a secret that only tests use',
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  DEMO: 'off',
  LOG_LEVEL: 'fatal',
}

export interface Child {
  url: string
  port: number
  /** Resolves when the process has ended, however. */
  ended: Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  /** Asks it to end; answers its exit code. */
  stop(): Promise<number | null>
}

export interface ChildOptions {
  role: 'all' | 'api' | 'worker'
  /** What differs from the usual, without the role and the port: the servers at least. */
  env: Record<string, string>
  /** Default: a free one. */
  port?: number
  /** Where it kills itself. */
  killAt?: DebugPoint
}

/** Compiles what has changed: the service and its CLI. */
export async function buildService(): Promise<void> {
  await promisify(execFile)(process.execPath, ['tools/build.mjs'])
}

/** The compiled service as a process of its own; it ends with this one. */
export async function startChild({ role, env, killAt, ...options }: ChildOptions): Promise<Child> {
  const port = options.port ?? (await freePort())
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: resolve('.'),
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      ...USUAL,
      ...env,
      ROLE: role,
      PORT: String(port),
      ...(killAt ? { DEBUG_KILL_AT: killAt } : {}),
    },
  })
  const onExit = () => void child.kill('SIGKILL')
  process.once('exit', onExit)
  const ended = once(child, 'exit').then(() => void process.off('exit', onExit))
  await ready(child)
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
  }
}

async function ready(child: ChildProcess): Promise<void> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => line === 'ready' && resolve())
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)))
    timer = setTimeout(() => reject(new Error('the service was not ready in time')), READY_WITHIN_MS)
  }).finally(() => clearTimeout(timer))
}
