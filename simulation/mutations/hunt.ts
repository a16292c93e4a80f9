import type { Violation } from '../invariants/violation.js'
import type { Mutation } from './mutation.js'
import { seedWorker } from '../run/seed-worker.js'

export type Found =
  | { kind: 'FOUND'; seed: number; violation: Violation }
  | { kind: 'NOT_FOUND'; seeds: number }
  /** A run did not end, or ended its process: that proves nothing. */
  | { kind: 'BROKEN'; reason: string }

const MUTATED = '../mutations/worker'

/**
 * Runs seeds 1, 2, 3 … until one violates an invariant because of the fault: run alone, in a new process, it does so with
 * the fault and not without it.
 */
export async function hunt(mutation: Mutation, seeds: number): Promise<Found> {
  const mutated = seedWorker(MUTATED, mutation.name)
  try {
    for (let seed = 1; seed <= seeds; seed++) {
      if ((await mutated.run(seed)).violations.length === 0) continue
      const violation = await firstViolation(seed, MUTATED, mutation.name)
      if (violation && !(await firstViolation(seed, 'worker'))) return { kind: 'FOUND', seed, violation }
    }
    return { kind: 'NOT_FOUND', seeds }
  } catch (error) {
    return { kind: 'BROKEN', reason: error instanceof Error ? error.message : String(error) }
  } finally {
    mutated.end()
  }
}

/** Of a seed that is the only one of its process. */
async function firstViolation(seed: number, script: string, ...args: string[]): Promise<Violation | undefined> {
  const worker = seedWorker(script, ...args)
  try {
    return (await worker.run(seed)).violations[0]
  } finally {
    worker.end()
  }
}
