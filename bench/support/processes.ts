import { readdirSync, readFileSync } from 'node:fs'
import type { Pool } from 'pg'

/** USER_HZ of Linux. */
const CLOCK_TICKS_PER_SECOND = 100
const KIB = 1024

/** Seconds of processor time of a process, in user mode and in the kernel. Linux only. */
export function cpuOf(pid: number | undefined): number {
  const [user, system] = statOf(pid).slice(11, 13)
  return (Number(user) + Number(system)) / CLOCK_TICKS_PER_SECOND
}

/** Memory of a process that is not swapped out. Linux only. */
export function residentBytes(pid: number | undefined): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * KIB
}

/** Seconds of processor time of the database server, including its processes that have ended. Linux only. */
export async function databaseCpu(database: Pool): Promise<number> {
  const { rows } = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const postmaster = statOf(rows[0]?.pid)[1]
  const [ofEndedUser, ofEndedSystem] = statOf(Number(postmaster)).slice(13, 15)
  const running = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === postmaster)
  const ended = (Number(ofEndedUser) + Number(ofEndedSystem)) / CLOCK_TICKS_PER_SECOND
  return running.reduce((sum, pid) => sum + cpuOf(Number(pid)), ended)
}

/** The fields after the name of the program. */
function statOf(pid: number | undefined): string[] {
  return (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '').split(' ')
}

/** Undefined: it has ended in the meantime. */
function parentOf(pid: string): string | undefined {
  try {
    return statOf(Number(pid))[1]
  } catch {
    return undefined
  }
}
