import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { recordOf, stopProcess, writeRecord } from './process-record.js'
import type { ProcessRecord, StopSteps } from './process-record.js'
import type { ServerUser } from './server-user.js'

export interface Launch {
  command: string
  args: string[]
  /** Written to its standard input, which is then closed. */
  input: string
  /** Undefined: our own environment. */
  env: Record<string, string> | undefined
  user: ServerUser | null
  logFile: string
  /** Where its process id is kept for a guardian that comes after us. */
  recordFile: string
  stopSteps: StopSteps
}

/** A server process that was started and not yet waited for. */
export interface ChildServer {
  record: ProcessRecord
  /** Resolves with how it ended. */
  ended: Promise<string>
  hasEnded: () => boolean
  stop: () => Promise<void>
}

const MAX_LOG_BYTES = 1_000_000

/** Starts a server in a session of its own: a Ctrl-C at the terminal is for us, not for it. */
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
  let over = false
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit ${code}`))
  }).finally(() => (over = true))
  child.stdin?.on('error', () => {}) // it ended before it read; `ended` tells how
  child.stdin?.end(options.input)
  const record = child.pid === undefined ? null : recordOf(child.pid)
  if (!record) throw new Error(`${options.command} did not start: ${await ended}\n${logTail(options.logFile)}`)
  try {
    writeRecord(options.recordFile, record)
  } catch (error) {
    child.kill('SIGKILL') // nobody could find it later
    throw error
  }
  return { record, ended, hasEnded: () => over, stop: () => stopProcess(record, options.stopSteps) }
}

function openLog(file: string): number {
  if (existsSync(file) && statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`)
  return openSync(file, 'a', 0o600)
}

/** The last lines a server wrote, for an error message. */
export function logTail(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-8).join('\n') : ''
}

/** Waits until the server answers. False: it ended first. When it does neither in time, it is stopped and we throw. */
export async function answers(
  server: ChildServer,
  probe: () => Promise<boolean>,
  patienceMs: number,
): Promise<boolean> {
  const deadline = Date.now() + patienceMs
  try {
    while (Date.now() < deadline) {
      if (server.hasEnded()) return false
      if (await probe()) return true
      await sleep(20)
    }
    throw new Error(`Process ${server.record.pid} did not answer within ${patienceMs / 1000} s`)
  } catch (error) {
    await server.stop()
    throw error
  }
}
