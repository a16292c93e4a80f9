import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writePrivateFile } from './private-file.js'
import { isRunning } from '../processes/process-record.js'
import type { ProcessRecord } from '../processes/process-record.js'

/** Published by a running service for other processes on this machine: its servers' addresses, which contain passwords. */
export interface Runtime extends ProcessRecord {
  databaseUrl: string
  redisUrl: string
  /** RFC 3339 UTC. */
  startedAt: string
}

const fileIn = (dataDir: string) => join(dataDir, 'runtime.json')

export function writeRuntime(dataDir: string, runtime: Runtime): void {
  writePrivateFile(fileIn(dataDir), JSON.stringify(runtime, null, 2))
}

export function removeRuntime(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true })
}

/** The service that runs on this data directory; null if none does (the file of a dead service is ignored). */
export function readRuntime(dataDir: string): Runtime | null {
  const file = fileIn(dataDir)
  if (!existsSync(file)) return null
  try {
    const runtime = JSON.parse(readFileSync(file, 'utf8')) as Runtime
    return isRunning(runtime) ? runtime : null
  } catch (error) {
    throw new Error(`${file} cannot be read: ${String(error)}`, { cause: error })
  }
}
