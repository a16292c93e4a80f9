import {
  makeTraversable,
  writePrivateFile,
  isRunning,
  isSameProcess,
  recordOf,
  type ProcessRecord,
} from '#embedded-services'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const FILE = /^command-\d+\.json$/
const fileOf = (dataDir: string, pid: number) => join(dataDir, `command-${pid}.json`)

/**
 * Marks this process as a command: the servers it starts stop with it, so other commands must not use them as they would
 * those of a service. Returns a function that removes the marker.
 */
export function markAsCommand(dataDir: string): () => void {
  makeTraversable(dataDir)
  for (const name of readdirSync(dataDir).filter((name) => FILE.test(name))) {
    const record = read(join(dataDir, name))
    if (record && !isRunning(record)) rmSync(join(dataDir, name), { force: true })
  }
  const file = fileOf(dataDir, process.pid)
  writePrivateFile(file, JSON.stringify(recordOf(process.pid)))
  return () => rmSync(file, { force: true })
}

export function isCommand(dataDir: string, record: ProcessRecord): boolean {
  const marked = read(fileOf(dataDir, record.pid))
  return marked !== null && isSameProcess(marked, record)
}

function read(file: string): ProcessRecord | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
