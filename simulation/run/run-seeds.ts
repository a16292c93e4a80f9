import type { Timers } from '../../src/infrastructure/time/timers.js'
import { violation } from '../invariants/violation.js'
import type { RunResult } from './run-scenario.js'
import type { SeedWorker } from './seed-worker.js'

export interface SeedsReport {
  seeds: number
  virtualMs: number
  steps: number
  faults: Record<string, number>
  failures: RunResult[]
  seconds: number
}

export interface SeedsOptions {
  workers: number
  createWorker: () => Pick<SeedWorker, 'run' | 'end'>
  timers: Pick<Timers, 'after'>
  print: (line: string) => void
}

const PROGRESS_INTERVAL_MS = 30_000

/**
 * Runs the scenarios of these seeds in several processes; each takes the next seed when it is done with one. A seed that
 * does not end, or ends its process, is a failure like any other.
 */
export async function runSeeds(
  seeds: readonly number[],
  { workers, createWorker, timers, print }: SeedsOptions,
): Promise<SeedsReport> {
  const startedAt = process.uptime()
  const report: SeedsReport = { seeds: 0, virtualMs: 0, steps: 0, faults: {}, failures: [], seconds: 0 }
  const waiting = [...seeds]
  const work = async () => {
    const worker = createWorker()
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const result = await worker.run(seed).catch(lost(seed))
      record(report, result)
      const [first] = result.violations
      if (first) print(`FAILED seed ${seed}: ${first.invariant}: ${first.detail}`)
    }
    worker.end()
  }
  let cancelProgress: () => void = () => undefined
  const showProgress = () => {
    cancelProgress = timers.after(PROGRESS_INTERVAL_MS, () => {
      print(progress(report, seeds.length))
      showProgress()
    })
  }
  showProgress()
  await Promise.all(Array.from({ length: Math.min(workers, seeds.length) }, work))
  cancelProgress()
  return { ...report, seconds: process.uptime() - startedAt }
}

function record(report: SeedsReport, result: RunResult): void {
  report.seeds += 1
  report.virtualMs += result.virtualMs
  report.steps += result.steps
  for (const [kind, count] of Object.entries(result.faults)) report.faults[kind] = (report.faults[kind] ?? 0) + count
  if (result.violations.length > 0) report.failures.push(result)
}

function progress({ seeds, failures, virtualMs }: SeedsReport, total: number): string {
  return `${seeds} of ${total} seeds, ${failures.length} failed, ${(virtualMs / 3_600_000).toFixed(1)} virtual hours`
}

/** The result of a run that was lost. */
function lost(seed: number) {
  return (error: unknown): RunResult => ({
    seed,
    violations: [violation('LOST', error instanceof Error ? error.message : String(error))],
    virtualMs: 0,
    steps: 0,
    faults: {},
    traceHash: '',
    tail: [],
    state: [],
  })
}
