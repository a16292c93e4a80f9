import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { RunResult } from './run-scenario.js'

export interface SeedsReport {
  seeds: number
  virtualMs: number
  steps: number
  faults: Record<string, number>
  failures: RunResult[]
  seconds: number
}

/** Runs the scenarios of these seeds in several processes; each takes the next seed when it is done with one. */
export async function runSeeds(
  seeds: readonly number[],
  workers: number,
  print: (line: string) => void,
): Promise<SeedsReport> {
  const startedAt = process.uptime()
  const report: SeedsReport = { seeds: 0, virtualMs: 0, steps: 0, faults: {}, failures: [], seconds: 0 }
  const waiting = [...seeds]
  const record = (result: RunResult) => {
    report.seeds += 1
    report.virtualMs += result.virtualMs
    report.steps += result.steps
    for (const [kind, count] of Object.entries(result.faults)) report.faults[kind] = (report.faults[kind] ?? 0) + count
    const [first] = result.violations
    if (!first) return
    report.failures.push(result)
    print(`FAILED seed ${result.seed}: ${first.invariant}: ${first.detail}`)
  }
  await Promise.all(Array.from({ length: Math.min(workers, seeds.length) }, () => runWorker(waiting, record)))
  return { ...report, seconds: process.uptime() - startedAt }
}

/** Resolves when no seed is left. Rejects when the worker ends before. */
function runWorker(waiting: number[], record: (result: RunResult) => void): Promise<void> {
  const worker = fork(fileURLToPath(new URL('worker.js', import.meta.url).href.replace(/\.js$/, extension())))
  return new Promise((resolve, reject) => {
    const next = () => {
      const seed = waiting.shift()
      if (seed !== undefined) return void worker.send(seed)
      worker.disconnect()
      resolve()
    }
    worker.on('message', (result: RunResult) => {
      record(result)
      next()
    })
    worker.on('exit', (code) => code !== 0 && reject(new Error(`a worker ended with ${code}`)))
    next()
  })
}

/** Run from the sources or compiled. */
const extension = () => (import.meta.url.endsWith('.ts') ? '.ts' : '.js')
