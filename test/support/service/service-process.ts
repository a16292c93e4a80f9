import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import type { DebugPoint } from '../../../src/infrastructure/debug-point.js'
import { freePort } from '#embedded-services'
import { ADMIN } from './app.js'

const READY_WITHIN_MS = 45_000

const DEFAULT_ENV = {
  NODE_ENV: 'test',
  AUTH_SECRET: 'a secret that only tests use',
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  DEMO: 'off',
  // Tests send many requests as one customer.
  CUSTOMER_RATE_LIMIT: '100000/60',
  LOG_LEVEL: 'fatal',
}

export interface ServiceProcess {
  url: string
  port: number
  /** Resolves when the process has exited for any reason. */
  ended: Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  /** Sends SIGTERM; returns its exit code. */
  stop(): Promise<number | null>
}

export interface ServiceProcessOptions {
  role: 'all' | 'api' | 'worker'
  /** Environment in addition to the defaults, the role and the port; contains at least the servers' addresses. */
  env: Record<string, string>
  /** Default: a free port. */
  port?: number
  /** The debug point at which the process kills itself. */
  killAt?: DebugPoint
  /** Receives each line of its standard output. */
  onLine?: (line: string) => void
}

/** Compiles the service and its CLI if they have changed. */
export async function buildService(): Promise<void> {
  await promisify(execFile)(process.execPath, ['tools/build.mjs'])
}

/** Starts the compiled service as a process, which is killed when this one exits. */
export async function startServiceProcess({
  role,
  env,
  killAt,
  onLine = () => undefined,
  ...options
}: ServiceProcessOptions): Promise<ServiceProcess> {
  const port = options.port ?? (await freePort())
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: resolve('.'),
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      ...DEFAULT_ENV,
      ...env,
      ROLE: role,
      PORT: String(port),
      ...(killAt ? { DEBUG_KILL_AT: killAt } : {}),
    },
  })
  const onExit = () => void child.kill('SIGKILL')
  process.once('exit', onExit)
  const ended = once(child, 'exit').then(() => void process.off('exit', onExit))
  await untilReady(child, onLine)
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

async function untilReady(child: ChildProcess, onLine: (line: string) => void): Promise<void> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  lines.on('line', onLine)
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => line === 'ready' && resolve())
    child.once('exit', (code) => reject(new Error(`the service exited with code ${code}`)))
    timer = setTimeout(() => reject(new Error('the service was not ready in time')), READY_WITHIN_MS)
  }).finally(() => clearTimeout(timer))
}
