import CircuitBreaker from 'opossum'
import { EventEmitter } from 'node:events'
import type { Lane } from '../../domain/channel.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import type { Timers } from '../../infrastructure/time/timers.js'

/** Opens when more than half of at least five calls in a minute fail. */
const THRESHOLD = {
  errorThresholdPercentage: 50,
  volumeThreshold: 5,
  rollingCountTimeout: 60_000,
  rollingCountBuckets: 12,
}
const BUCKET_MS = THRESHOLD.rollingCountTimeout / THRESHOLD.rollingCountBuckets
/** Interval at which `protect` calls may probe an open breaker, ms. */
const PROBE_INTERVAL_MS = 1_000

export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN'

/** From the best to the worst. */
export const BREAKER_STATES = ['CLOSED', 'HALF_OPEN', 'OPEN'] as const satisfies readonly BreakerState[]

/** The worst of these states; CLOSED where there are none. */
export function worstOf(states: readonly BreakerState[]): BreakerState {
  return BREAKER_STATES.findLast((state) => states.includes(state)) ?? 'CLOSED'
}

export interface BreakerParts<T> {
  /** Whether a result counts as a failure of the platform. */
  failed: (result: T) => boolean
  clock: Pick<Clock, 'monotonicMs'>
  timers: Pick<Timers, 'after'>
  /** From open to half-open, ms. */
  resetMs: number
  changed: (state: BreakerState) => void
}

class Failed<T> extends Error {
  constructor(readonly result: T) {
    super('the call failed')
  }
}

/**
 * Circuit breaker of one platform. `protect` calls may probe it while it is open. opossum counts the calls and decides when
 * to open. Its own timers run on the clock of this machine, so the state and the time of the window are kept here.
 */
export class Breaker<T> {
  private readonly circuit: CircuitBreaker<[() => Promise<T>], T>
  private readonly window = new EventEmitter()
  private rotatedAt: number
  private current: BreakerState = 'CLOSED'
  /** Half-open: the trial call has started. */
  private trying = false
  private probedAt = Number.NEGATIVE_INFINITY
  private cancelReset: () => void = () => undefined

  constructor(private readonly parts: BreakerParts<T>) {
    const attempt = async (action: () => Promise<T>) => {
      const result = await action()
      this.rotate()
      if (parts.failed(result)) throw new Failed(result)
      return result
    }
    // The action has its own timeout: one of the breaker would leave the call running.
    const timerless = { timeout: false as const, enableSnapshots: false, rotateBucketController: this.window }
    this.circuit = new CircuitBreaker(attempt, { ...THRESHOLD, ...timerless })
    this.circuit.on('open', () => {
      // Ends opossum's reset timer; the counts remain.
      this.circuit.close()
      this.open()
    })
    this.rotatedAt = parts.clock.monotonicMs()
  }

  get state(): BreakerState {
    return this.current
  }

  /** Whether `run` would make a call of this lane now. */
  allows(lane: Lane): boolean {
    return this.passes() || (lane === 'protect' && this.probeDue())
  }

  /** Null: the breaker is open and the action was not started. */
  async run(lane: Lane, action: () => Promise<T>): Promise<T | null> {
    if (!this.allows(lane)) return null
    if (!this.passes()) return this.probe(action)
    this.trying = this.current === 'HALF_OPEN'
    this.rotate()
    try {
      const result = await this.circuit.fire(action)
      if (this.current === 'HALF_OPEN') this.close()
      return result
    } catch (error) {
      if (this.current === 'HALF_OPEN') this.open()
      if (error instanceof Failed) return (error as Failed<T>).result
      throw error
    }
  }

  /** Remains open. */
  shutdown(): void {
    this.cancelReset()
    this.current = 'OPEN'
    this.circuit.shutdown()
  }

  private passes(): boolean {
    return this.current === 'CLOSED' || (this.current === 'HALF_OPEN' && !this.trying)
  }

  private probeDue(): boolean {
    return this.parts.clock.monotonicMs() - this.probedAt >= PROBE_INTERVAL_MS
  }

  private async probe(action: () => Promise<T>): Promise<T> {
    this.probedAt = this.parts.clock.monotonicMs()
    const result = await action()
    if (!this.parts.failed(result)) this.close()
    return result
  }

  private open(): void {
    if (!this.enter('OPEN')) return
    this.cancelReset = this.parts.timers.after(this.parts.resetMs, () => {
      if (this.current === 'OPEN') this.enter('HALF_OPEN')
    })
  }

  private close(): void {
    this.cancelReset()
    this.enter('CLOSED')
  }

  /** False: it is in this state, or shut down. */
  private enter(state: BreakerState): boolean {
    if (this.current === state || this.circuit.isShutdown) return false
    this.current = state
    this.trying = false
    this.parts.changed(state)
    return true
  }

  /** Drops the calls that left the window since the last one. */
  private rotate(): void {
    const buckets = Math.floor((this.parts.clock.monotonicMs() - this.rotatedAt) / BUCKET_MS)
    this.rotatedAt += buckets * BUCKET_MS
    for (let bucket = 0; bucket < Math.min(buckets, THRESHOLD.rollingCountBuckets); bucket++) this.window.emit('rotate')
  }
}
