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
  nowMs: () => number
  random: Random
  /** The present condition of a server; null: it works. */
  conditionOf: (server: Server) => Condition | null
  /** Called once, when the process dies. */
  onKilled: () => void
  onStep: (server: Server, method: string) => void
}

/**
 * Before one of the next calls whose label contains this text; `skip`: how many of them pass. `after`: none counts before a
 * call whose label contains that.
 */
export interface PausePoint {
  on: string
  skip: number
  after?: string
}

interface PlannedPause extends PausePoint {
  forMs: number
  onPaused: () => void
}

/**
 * The steps of one process: each call of a server is one. A process can be killed before or after any of them; from then
 * on every call of it rejects, so that nothing it still does has an effect.
 */
export class ProcessSteps {
  private taken = 0
  private kill: { atStep: number; moment: 'before' | 'after' } | null = null
  private pause: PlannedPause | null = null
  private pausedUntilMs = -Infinity
  private isAlive = true

  constructor(private readonly parts: StepParts) {}

  get alive(): boolean {
    return this.isAlive
  }

  /** Kills the process before or after the call that comes after `steps` others. */
  killAfter(steps: number, moment: 'before' | 'after'): void {
    this.kill = { atStep: this.taken + steps, moment }
  }

  /**
   * Pauses the process for this time, as when its machine is suspended: none of its steps and timers runs until then.
   * Null: at once, otherwise at that point.
   */
  pauseFor(forMs: number, point: PausePoint | null, onPaused: () => void): void {
    if (point) this.pause = { ...point, forMs, onPaused }
    else this.pauseNow(forMs, onPaused)
  }

  /** Until when the process is paused, ms; null: it runs. */
  pausedUntil(): number | null {
    return this.pausedUntilMs > this.parts.nowMs() ? this.pausedUntilMs : null
  }

  /** How long the process has run since it was last paused, ms; 0: it is paused. */
  awakeMs(): number {
    return Math.max(0, this.parts.nowMs() - this.pausedUntilMs)
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
    if (this.pause !== null) this.pauseIfDue(method)
    await this.resumed()
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
    const result = await this.withResponse(call)
    this.killIfDue(step, 'after')
    const lost = conditionOf(server)?.lostResults
    if (lost && random.next() < lost.share) throw lost.error()
    return result
  }

  /** A response that arrives during a pause is received after it. */
  private async withResponse<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } finally {
      await this.resumed()
    }
  }

  /** After its timers that were due: they are served first. */
  private async resumed(): Promise<void> {
    for (let until = this.pausedUntil(); until !== null; until = this.pausedUntil()) {
      await this.parts.timers.sleep(until - this.parts.nowMs())
      await this.parts.timers.sleep(0)
    }
  }

  private pauseIfDue(method: string): void {
    const { pause } = this
    if (!pause) return
    if (pause.after !== undefined) {
      if (method.includes(pause.after)) delete pause.after
      return
    }
    if (!method.includes(pause.on) || pause.skip-- > 0) return
    this.pause = null
    this.pauseNow(pause.forMs, pause.onPaused)
  }

  private pauseNow(forMs: number, onPaused: () => void): void {
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.parts.nowMs() + forMs)
    onPaused()
  }

  private killIfDue(step: number, moment: 'before' | 'after'): void {
    if (this.kill && step >= this.kill.atStep && this.kill.moment === moment) this.killNow()
    this.assertAlive()
  }

  private assertAlive(): void {
    if (!this.isAlive) throw new ProcessKilled()
  }
}
