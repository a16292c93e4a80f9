import { certainPart, takeSample, wallAhead, type ClockSample } from './clock-sample.js'
import { Clock, type WallClock } from './clock.js'
import type { DatabaseTime } from './database-time.js'

/** The first call may open a connection, which makes its first half much longer than its second. */
const FIRST_SAMPLES = 3
/** Share of the elapsed time by which the clock is at most faster or slower while it corrects a difference. */
const SLEW = 0.1
/** Differences up to this are never applied at once, ms. */
const SMALL_MS = 5_000
/** How exactly several clocks must agree that the machine was suspended, ms: the time since boot may have whole seconds only. */
const TOLERANCE_MS = 2_000
/** More than this would take hours to correct gradually, ms. */
const HUGE_MS = 600_000

/**
 * The time of PostgreSQL at the last synchronization, plus the monotonic time since: processes on several machines agree,
 * and a wall clock that jumps has no effect. It never goes back. While PostgreSQL is unavailable it simply continues.
 *
 * A difference is corrected gradually, so that no duration measured with this clock is off by more than 10 %. It is added
 * at once only if the machine was suspended, during which monotonic time does not advance.
 */
export class SynchronizedClock extends Clock {
  /** The reading at `baseMs` of monotonic time, and what is still to be corrected from there on. */
  private atMs: number
  private baseMs: number
  private correctionMs = 0
  /** Of the last synchronization, and when that was in monotonic time; null: there was none. */
  private last: (ClockSample & { takenMs: number }) | null = null

  constructor(
    private readonly clock: WallClock,
    private readonly databaseTime: DatabaseTime,
  ) {
    super()
    this.baseMs = clock.monotonicMs()
    this.atMs = this.baseMs + wallAhead(clock)
  }

  override now(): Date {
    return new Date(this.readMs(this.clock.monotonicMs()))
  }

  override monotonicMs(): number {
    return this.clock.monotonicMs()
  }

  /** Since the last synchronization, ms; Infinity: there was none. */
  get unsynchronizedMs(): number {
    return this.last === null ? Infinity : this.clock.monotonicMs() - this.last.takenMs
  }

  /** By how much the wall clock has jumped since the last synchronization, ms; the machine may have been suspended. */
  get wallJumpMs(): number {
    return this.last === null ? 0 : wallAhead(this.clock) - this.last.wall
  }

  /** The first synchronization, before anything has used this clock. Rejects while PostgreSQL is unavailable. */
  async start(late: AbortSignal): Promise<void> {
    let best: ClockSample | null = null
    for (let n = 0; n < FIRST_SAMPLES; n++) {
      const sample = await takeSample(this.clock, this.databaseTime)
      // This clock may be in use by now.
      if (late.aborted) return
      if (best && best.uncertainty <= sample.uncertainty) continue
      best = sample
      // Within the uncertainty the wall clock is as good, and the same for all processes of a machine.
      const ahead = sample.wall + certainPart(sample.database - sample.wall, sample.uncertainty)
      this.rebase(this.clock.monotonicMs(), sample, { ahead, correctionMs: 0 })
    }
  }

  /** Rejects while PostgreSQL is unavailable. Returns the difference that was found, ms; above 0: this clock was behind. */
  async synchronize(): Promise<number> {
    const sample = await takeSample(this.clock, this.databaseTime)
    const nowMs = this.clock.monotonicMs()
    const readMs = this.readMs(nowMs)
    const differenceMs = certainPart(nowMs + sample.database - readMs, sample.uncertainty)
    const stepMs = this.stepFor(differenceMs, sample)
    this.rebase(nowMs, sample, { ahead: readMs + stepMs - nowMs, correctionMs: differenceMs - stepMs })
    return differenceMs
  }

  private rebase(takenMs: number, sample: ClockSample, to: { ahead: number; correctionMs: number }): void {
    this.baseMs = takenMs
    this.atMs = takenMs + to.ahead
    this.correctionMs = to.correctionMs
    this.last = { ...sample, takenMs }
  }

  private readMs(monotonicMs: number): number {
    const elapsedMs = monotonicMs - this.baseMs
    const limitMs = elapsedMs * SLEW
    return this.atMs + elapsedMs + Math.max(-limitMs, Math.min(limitMs, this.correctionMs))
  }

  /** The part of a difference that is applied at once. */
  private stepFor(differenceMs: number, sample: ClockSample): number {
    // Nothing has confirmed the wall clock yet.
    if (this.last === null) return Math.max(0, differenceMs)
    const passedMs = sample.database - this.last.database
    // What passed while the machine was suspended; without a suspension the samples differ only by their uncertainty.
    if (Math.min(differenceMs, passedMs) <= SMALL_MS) return 0
    const agree = Math.abs(sample.wall - this.last.wall - passedMs) <= TOLERANCE_MS
    // Both jump together where PostgreSQL runs on this machine: only the time since its boot shows a suspension.
    const isSuspension = sample.uptime - this.last.uptime >= passedMs - TOLERANCE_MS
    return agree && (isSuspension || differenceMs > HUGE_MS) ? Math.min(differenceMs, passedMs) : 0
  }
}
