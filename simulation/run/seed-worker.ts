import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { RunResult } from './run-scenario.js'
import { WorkerProcess } from './worker-process.js'

/** Within which virtual time has to advance by a minute. That takes a second or less; a fault of the service may keep it from that. */
const LIMIT_MS = 180_000

/** Nearly everything that a step allocates is dropped at once: a larger young generation saves a tenth of the time. */
const YOUNG_GENERATION = '--max-semi-space-size=64'

export type SeedWorker = WorkerProcess<number, RunResult>

/** Runs seeds in a process with this script. `script`: without its extension, relative to this module. */
export function seedWorker(script: string, ...args: string[]): SeedWorker {
  // Run from the sources or compiled.
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const path = fileURLToPath(new URL(`${script}${extension}`, import.meta.url))
  return new WorkerProcess(() => fork(path, args, { execArgv: [...process.execArgv, YOUNG_GENERATION] }), LIMIT_MS)
}
