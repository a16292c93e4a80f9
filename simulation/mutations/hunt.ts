import type { Violation } from '../invariants/invariant.js'
import type { Mutation } from './mutation.js'
import { SeedProcess } from './seed-process.js'

export type Found =
  | { kind: 'FOUND'; seed: number; violation: Violation }
  | { kind: 'NOT_FOUND'; seeds: number }
  /** A run did not end, or ended its process: that proves nothing. */
  | { kind: 'BROKEN'; reason: string }

/** Whether the service without a fault passes a seed; each seed is run once. */
export class Control {
  private process: SeedProcess | null = null
  private readonly known = new Map<number, Promise<boolean>>()

  passes(seed: number): Promise<boolean> {
    const known = this.known.get(seed)
    if (known) return known
    this.process ??= new SeedProcess('../run/worker')
    const passes = this.process.run(seed).then(({ violations }) => violations.length === 0)
    this.known.set(seed, passes)
    return passes
  }

  end(): void {
    this.process?.end()
  }
}

/** Runs seeds 1, 2, 3 … until one violates an invariant that it does not violate without the fault. */
export async function hunt(mutation: Mutation, seeds: number, control: Control): Promise<Found> {
  const mutated = new SeedProcess('worker', mutation.name)
  try {
    for (let seed = 1; seed <= seeds; seed++) {
      const [violation] = (await mutated.run(seed)).violations
      if (violation && (await control.passes(seed))) return { kind: 'FOUND', seed, violation }
    }
    return { kind: 'NOT_FOUND', seeds }
  } catch (error) {
    return { kind: 'BROKEN', reason: error instanceof Error ? error.message : String(error) }
  } finally {
    mutated.end()
  }
}
