import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntilResponding, launch, logTail } from '../processes/child-server.js'
import { findRedis } from './find-redis.js'
import { freePort } from '../processes/free-port.js'
import { stopLeftover } from '../processes/process-record.js'
import type { StopSteps } from '../processes/process-record.js'
import type { RedisProgram } from './redis-program.js'
import type { ServerPlace } from '../data-dir/server-place.js'
import { ownedDirectory } from '../data-dir/server-user.js'
import type { RunningServer } from '../guardian/supervisor.js'

const STOP_STEPS: StopSteps = [
  ['SIGTERM', 15_000],
  ['SIGKILL', 2_000],
]
/** A container image may have to be downloaded first. */
const READY_TIMEOUT_MS = 180_000
const MAX_ATTEMPTS = 5

export interface RunningRedis extends RunningServer {
  kind: RedisProgram['kind']
}

/** Starts Redis on its data directory, at the given URL or a free port; its data is loaded when it resolves. */
export async function startRedis(place: ServerPlace, url: string | null): Promise<RunningRedis> {
  const { home } = place
  const recordFile = join(home, 'redis.pid.json')
  if (await stopLeftover(recordFile, STOP_STEPS)) place.log('Stopped a Redis left over from an earlier run')
  const password = place.secret('redis-password')
  const logFile = join(home, 'redis.log')
  for (let attempt = 1; attempt <= MAX_ATTEMPTS && !place.signal.aborted; attempt++) {
    const port = url ? Number(new URL(url).port) : await freePort(place.lastPort('redis'))
    const program = await findRedis(place, port)
    const user = program.asServerUser ? place.user : null
    const dir = program.inside.dir ?? ownedDirectory(join(home, 'redis'), user)
    const input = configuration(program, dir, port, password, place.durable)
    const server = await launch({
      command: program.command,
      args: [...program.args, '-'],
      input,
      env: undefined,
      user,
      logFile,
      recordFile,
      stopSteps: STOP_STEPS,
    })
    if (await waitUntilResponding(server, () => responds(port, password), READY_TIMEOUT_MS)) {
      place.savePort('redis', port)
      const address = `redis://:${password}@127.0.0.1:${port}`
      return { url: address, kind: program.kind, ended: server.ended, stop: server.stop }
    }
    await sleep(300) // the port may have been taken in the meantime
  }
  throw new Error(`Redis did not start:\n${logTail(logFile)}`)
}

/** Every acknowledged write is on disk: a queued webhook must not be lost. */
function configuration(program: RedisProgram, dir: string, port: number, password: string, durable: boolean): string {
  const settings = {
    bind: program.inside.bind,
    port: program.inside.port ?? port,
    requirepass: password,
    dir: JSON.stringify(dir),
    databases: 64,
    save: '""',
    'maxmemory-policy': 'noeviction',
    appendonly: durable ? 'yes' : 'no',
    appendfsync: 'always',
    loglevel: 'warning',
    daemonize: 'no',
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('')
}

/** Pings over a separate connection; a "loading" error counts as no response. */
function responds(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 1_000 })
    let received = ''
    const settle = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.on('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`))
    socket.on('data', (data) => {
      received += data.toString()
      if (received.includes('+PONG')) settle(true)
      else if (received.includes('-')) settle(false)
    })
    socket.on('error', () => settle(false))
    socket.on('timeout', () => settle(false))
    socket.on('close', () => settle(false))
  })
}
