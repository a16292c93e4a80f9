import { linkSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning } from '../processes/process-record.js'
import type { ProcessRecord } from '../processes/process-record.js'

interface Holder {
  guardian: ProcessRecord
  /** The service (or command) that the servers run for. */
  owner: ProcessRecord
}

/** Maximum time for the servers of a crashed service to stop. */
const RELEASE_TIMEOUT_MS = 45_000
/** A service that is stopping may still be shutting down. */
const OWNER_GRACE_MS = 3_000

/**
 * Makes this process the only guardian of a data directory. Returns a function that releases the lock. Waits for the
 * guardian of a dead service to finish; throws while the service is alive. The lock of a dead guardian is ignored.
 */
export async function lockDataDir(dataDir: string, own: Holder): Promise<() => void> {
  const file = join(dataDir, 'lock')
  const startedAt = Date.now()
  const deadline = startedAt + RELEASE_TIMEOUT_MS
  while (Date.now() < deadline) {
    if (claim(dataDir, file, own)) return () => rmSync(file, { force: true })
    const holder = read(file)
    if (holder && !isRunning(holder.guardian)) breakLock(file, holder)
    else if (holder && isRunning(holder.owner) && Date.now() > startedAt + OWNER_GRACE_MS) throw inUse(dataDir, holder)
    else await sleep(50)
  }
  throw new Error(`The servers in ${dataDir} are still being stopped by process ${read(file)?.guardian.pid ?? '?'}`)
}

function inUse(dataDir: string, { owner }: Holder): Error {
  return new Error(`${dataDir} is in use by process ${owner.pid}. Stop that one, or give this one another DATA_DIR.`)
}

/** Creating a hard link is atomic. */
function claim(dataDir: string, file: string, holder: Holder): boolean {
  const draft = mkdtempSync(join(dataDir, '.lock-'))
  try {
    writeFileSync(join(draft, 'lock'), JSON.stringify(holder), { mode: 0o600 })
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

/** Another process may have broken and acquired the same lock since it was read: then the moved file is restored. */
function breakLock(file: string, stale: Holder): void {
  const moved = `${file}.${process.pid}.stale`
  try {
    renameSync(file, moved)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const movedHolder = read(moved)
  if (movedHolder && JSON.stringify(movedHolder) !== JSON.stringify(stale)) linkSync(moved, file)
  rmSync(moved)
}
