import type { Random } from '../../src/infrastructure/time/random.js'
import type { Timers } from '../../src/infrastructure/time/timers.js'
import { ProcessKilled } from './process-killed.js'

/** The servers whose calls are steps. */
export type Server = 'database' | 'redis' | 'platform'

/** What is wrong with a server, as one process sees it. */
export interface Condition {
  /** Every call of these methods fails with this error, without effect. */
  unavailable?: (method: string) => Error | null
  /** A call may take effect although it fails with this error: 0 never, 1 always. */
  lostResults?: { share: number; error: () => Error }
}

/** Share of the calls that take time, and how long at most, ms: others overtake them. */
const SLOW_SHARE = 0.2
const SLOW_MS = 4
/** Until a call of an unavailable server fails, at most, ms. */
const FAILING_MS = 1_000

export interface StepParts {
  timers: Timers
  random: Random
  /** The present condition of a server; null: it works. */
  conditionOf: (server: Server) => Condition | null
  /** Called once, when the process dies. */
  onKilled: () => void
  onStep: (server: Server, method: string) => void
}

/**
 * The steps of one process: each call of a server is one. A process can be killed before or after any of them; from then
 * on every call of it rejects, so that nothing it still does has an effect.
 */
export class ProcessSteps {
  private taken = 0
  private kill: { atStep: number; moment: 'before' | 'after' } | null = null
  private isAlive = true

  constructor(private readonly parts: StepParts) {}

  get alive(): boolean {
    return this.isAlive
  }

  /** Kills the process before or after the call that comes after `steps` others. */
  killAfter(steps: number, moment: 'before' | 'after'): void {
    this.kill = { atStep: this.taken + steps, moment }
  }

  killNow(): void {
    if (!this.isAlive) return
    this.isAlive = false
    this.parts.onKilled()
  }

  /** Runs one call. Rejects with ProcessKilled once the process is dead. */
  async run<T>(server: Server, method: string, call: () => Promise<T>): Promise<T> {
    this.assertAlive()
    const { random, timers, conditionOf, onStep } = this.parts
    const step = this.taken++
    onStep(server, method)
    if (random.next() < SLOW_SHARE) await timers.sleep(Math.ceil(random.next() * SLOW_MS))
    this.killIfDue(step, 'before')
    const error = conditionOf(server)?.unavailable?.(method) ?? null
    if (error) {
      await timers.sleep(Math.ceil(random.next() * FAILING_MS))
      this.assertAlive()
      throw error
    }
    const result = await call()
    this.killIfDue(step, 'after')
    const lost = conditionOf(server)?.lostResults
    if (lost && random.next() < lost.share) throw lost.error()
    return result
  }

  private killIfDue(step: number, moment: 'before' | 'after'): void {
    if (this.kill && step >= this.kill.atStep && this.kill.moment === moment) this.killNow()
    this.assertAlive()
  }

  private assertAlive(): void {
    if (!this.isAlive) throw new ProcessKilled()
  }
}
