import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { writePrivateFile } from '../data-dir/private-file.js'

/** Identifies a process: a later one with the same pid has another start time. */
export interface ProcessRecord {
  pid: number
  /** Its start time in a system-specific format; compared, never parsed. */
  began: string // words-ok: stored in files of the data directory
}

/** Signals sent one after the other, each with its timeout. */
export type StopSteps = ReadonlyArray<readonly [signal: NodeJS.Signals, timeoutMs: number]>

/** Null when no such process is running (a zombie counts as ended). */
export function recordOf(pid: number): ProcessRecord | null {
  const startTime = process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid)
  return startTime === null ? null : { pid, began: startTime } // words-ok: stored in files of the data directory
}

export function isRunning(record: ProcessRecord): boolean {
  const current = recordOf(record.pid)
  return current !== null && isSameProcess(current, record)
}

export function isSameProcess(one: ProcessRecord, other: ProcessRecord): boolean {
  return one.pid === other.pid && one.began === other.began // words-ok: stored in files of the data directory
}

function startTimeFromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return null
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`
  } catch {
    return null // ended, perhaps between the two reads
  }
}

function startTimeFromPs(pid: number): string | null {
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

/** Stops a process step by step. Throws when it survives all steps. */
export async function stopProcess(record: ProcessRecord, steps: StopSteps): Promise<void> {
  for (const [signal, timeoutMs] of steps) {
    if (!isRunning(record)) return
    process.kill(record.pid, signal)
    const deadline = Date.now() + timeoutMs
    while (Date.now() < deadline) {
      if (!isRunning(record)) return
      await sleep(15)
    }
  }
  if (isRunning(record)) throw new Error(`Process ${record.pid} cannot be stopped`)
}

/** Stops the server left over from an earlier guardian; true when there was one. */
export async function stopLeftover(file: string, steps: StopSteps): Promise<boolean> {
  const record = readRecord(file)
  const isLeftover = record !== null && isRunning(record)
  if (isLeftover) await stopProcess(record, steps)
  rmSync(file, { force: true })
  return isLeftover
}
