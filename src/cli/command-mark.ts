import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makePassable, writePrivateFile } from '../infrastructure/embedded/private-file.js'
import { isRunning, recordOf, type ProcessRecord } from '../infrastructure/embedded/process-record.js'

const FILE = /^command-\d+\.json$/
const fileOf = (dataDir: string, pid: number) => join(dataDir, `command-${pid}.json`)

/**
 * Says that this process is a command: the servers it starts stop with it, so others must not lean on them as they
 * would on a service's. Answers how to take it back.
 */
export function markAsCommand(dataDir: string): () => void {
  makePassable(dataDir)
  for (const name of readdirSync(dataDir).filter((name) => FILE.test(name))) {
    const record = read(join(dataDir, name))
    if (record && !isRunning(record)) rmSync(join(dataDir, name), { force: true })
  }
  const file = fileOf(dataDir, process.pid)
  writePrivateFile(file, JSON.stringify(recordOf(process.pid)))
  return () => rmSync(file, { force: true })
}

export function isCommand(dataDir: string, { pid, began }: ProcessRecord): boolean {
  return read(fileOf(dataDir, pid))?.began === began
}

function read(file: string): ProcessRecord | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
