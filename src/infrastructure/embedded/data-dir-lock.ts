import { linkSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning } from './process-record.js'
import type { ProcessRecord } from './process-record.js'

interface Holder {
  guardian: ProcessRecord
  /** The service (or command) that the servers run for. */
  owner: ProcessRecord
}

/** How long the servers of a service that has just died may take to stop. */
const PATIENCE_MS = 45_000
/** A service that was just told to stop may still be finishing. */
const OWNER_PATIENCE_MS = 3_000

/**
 * Makes this process the only guardian of a data directory; answers the release. Waits for the guardian of a dead
 * service to finish; throws when the service lives. A lock whose guardian is dead counts for nothing.
 */
export async function lockDataDir(dataDir: string, mine: Holder): Promise<() => void> {
  const file = join(dataDir, 'lock')
  const begin = Date.now()
  const deadline = begin + PATIENCE_MS
  while (Date.now() < deadline) {
    if (claim(dataDir, file, mine)) return () => rmSync(file, { force: true })
    const holder = read(file)
    if (holder && !isRunning(holder.guardian)) breakLock(file, holder)
    else if (holder && isRunning(holder.owner) && Date.now() > begin + OWNER_PATIENCE_MS) throw inUse(dataDir, holder)
    else await sleep(50)
  }
  throw new Error(`The servers in ${dataDir} are still being stopped by process ${read(file)?.guardian.pid ?? '?'}`)
}

function inUse(dataDir: string, { owner }: Holder): Error {
  return new Error(`${dataDir} is in use by process ${owner.pid}. Stop that one, or give this one another DATA_DIR.`)
}

/** A link appears whole or not at all. */
function claim(dataDir: string, file: string, mine: Holder): boolean {
  const draft = mkdtempSync(join(dataDir, '.lock-'))
  try {
    writeFileSync(join(draft, 'lock'), JSON.stringify(mine), { mode: 0o600 })
    linkSync(join(draft, 'lock'), file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

function read(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Error(`${file} cannot be read; remove it if nothing runs on this directory: ${String(error)}`, {
      cause: error,
    })
  }
}

/** Another process may have broken the same lock and taken it since it was read: then what was moved goes back. */
function breakLock(file: string, stale: Holder): void {
  const moved = `${file}.${process.pid}.stale`
  try {
    renameSync(file, moved)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const taken = read(moved)
  if (taken && JSON.stringify(taken) !== JSON.stringify(stale)) linkSync(moved, file)
  rmSync(moved)
}
