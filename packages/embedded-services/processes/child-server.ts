import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { recordOf, stopProcess, writeRecord } from './process-record.js'
import type { ProcessRecord, StopSteps } from './process-record.js'
import type { ServerUser } from '../data-dir/server-user.js'

export interface Launch {
  command: string
  args: string[]
  /** Written to its standard input, which is then closed. */
  input: string
  /** Undefined: the environment of this process. */
  env: Record<string, string> | undefined
  user: ServerUser | null
  logFile: string
  /** Stores the process record for a later guardian. */
  recordFile: string
  stopSteps: StopSteps
}

/** A started server process that may not respond yet. */
export interface ChildServer {
  record: ProcessRecord
  /** Resolves with the error, signal or exit code of its end. */
  ended: Promise<string>
  hasEnded: () => boolean
  stop: () => Promise<void>
}

const MAX_LOG_BYTES = 1_000_000

/** Starts a server in its own session, so that Ctrl-C at the terminal does not reach it. */
export async function launch(options: Launch): Promise<ChildServer> {
  const log = openLog(options.logFile)
  const child = spawn(options.command, options.args, {
    cwd: '/',
    detached: true,
    stdio: ['pipe', log, log],
    ...(options.env && { env: options.env }),
    ...options.user,
  })
  closeSync(log)
  let isOver = false
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit ${code}`))
  }).finally(() => (isOver = true))
  child.stdin?.on('error', () => {}) // it ended before reading its input; see `ended`
  child.stdin?.end(options.input)
  const record = child.pid === undefined ? null : recordOf(child.pid)
  if (!record) throw new Error(`${options.command} did not start: ${await ended}\n${logTail(options.logFile)}`)
  try {
    writeRecord(options.recordFile, record)
  } catch (error) {
    child.kill('SIGKILL') // without a record no later guardian could find it
    throw error
  }
  return { record, ended, hasEnded: () => isOver, stop: () => stopProcess(record, options.stopSteps) }
}

function openLog(file: string): number {
  if (existsSync(file) && statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`)
  return openSync(file, 'a', 0o600)
}

/** The last lines of a server's log, for an error message. */
export function logTail(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-8).join('\n') : ''
}

/** Waits until the server responds. False: it ended first. On timeout it is stopped and an Error is thrown. */
export async function waitUntilResponding(
  server: ChildServer,
  probe: () => Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  try {
    while (Date.now() < deadline) {
      if (server.hasEnded()) return false
      if (await probe()) return true
      await sleep(20)
    }
    throw new Error(`Process ${server.record.pid} did not respond within ${timeoutMs / 1000} s`)
  } catch (error) {
    await server.stop()
    throw error
  }
}
