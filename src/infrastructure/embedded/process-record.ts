import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { writePrivateFile } from './private-file.js'

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessRecord {
  pid: number
  /** When it began, in the system's own terms; compared, never parsed. */
  began: string
}

/** Signals to try in turn, with the time in ms that each is given. */
export type StopSteps = ReadonlyArray<readonly [signal: NodeJS.Signals, patienceMs: number]>

/** Null when no such process is running (a zombie does not run). */
export function recordOf(pid: number): ProcessRecord | null {
  const began = process.platform === 'linux' ? beganByProc(pid) : beganByPs(pid)
  return began === null ? null : { pid, began }
}

export function isRunning(record: ProcessRecord): boolean {
  return recordOf(record.pid)?.began === record.began
}

function beganByProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return null
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`
  } catch {
    return null // ended, perhaps between the two reads
  }
}

function beganByPs(pid: number): string | null {
  const ps = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
  if (ps.error) throw ps.error
  const line = ps.stdout.trim()
  return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '')
}

export function writeRecord(file: string, record: ProcessRecord): void {
  writePrivateFile(file, JSON.stringify(record))
}

export function readRecord(file: string): ProcessRecord | null {
  if (!existsSync(file)) return null
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord
  } catch (error) {
    throw new Error(`${file} cannot be read: ${String(error)}`, { cause: error })
  }
}

/** Ends a process step by step. Throws when it outlives all of them. */
export async function stopProcess(record: ProcessRecord, steps: StopSteps): Promise<void> {
  for (const [signal, patienceMs] of steps) {
    if (!isRunning(record)) return
    process.kill(record.pid, signal)
    const deadline = Date.now() + patienceMs
    while (Date.now() < deadline) {
      if (!isRunning(record)) return
      await sleep(15)
    }
  }
  if (isRunning(record)) throw new Error(`Process ${record.pid} cannot be stopped`)
}

/** Ends the server that an earlier guardian left behind; true when there was one. */
export async function stopLeftover(file: string, steps: StopSteps): Promise<boolean> {
  const record = readRecord(file)
  const left = record !== null && isRunning(record)
  if (left) await stopProcess(record, steps)
  rmSync(file, { force: true })
  return left
}
