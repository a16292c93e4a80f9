import CircuitBreaker from 'opossum'
import type { Lane } from '../../domain/channel.js'

/** Five calls in a minute of which more than half fail open it; ten seconds later one call may try. */
const OPENS = { errorThresholdPercentage: 50, volumeThreshold: 5, rollingCountTimeout: 60_000, rollingCountBuckets: 12 }
/** `protect` may try an open breaker so often, ms. */
const PROBE_EVERY_MS = 1_000

export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN'

class Failed<T> extends Error {
  constructor(readonly result: T) {
    super('the call failed')
  }
}

/** Spares a platform that does not answer, and us the waiting. */
export class Breaker<T> {
  private readonly circuit: CircuitBreaker<[() => Promise<T>], T>
  private probedAt = Number.NEGATIVE_INFINITY

  /** `failed`: whether a result speaks against the platform's health. */
  constructor(
    private readonly failed: (result: T) => boolean,
    private readonly now: () => number,
    resetMs: number,
    changed: (state: BreakerState) => void,
  ) {
    const attempt = async (action: () => Promise<T>) => {
      const result = await action()
      if (failed(result)) throw new Failed(result)
      return result
    }
    // The action keeps its own time: a breaker that gave up first would leave the call running.
    this.circuit = new CircuitBreaker(attempt, { ...OPENS, timeout: false, resetTimeout: resetMs })
    this.circuit.on('open', () => changed('OPEN'))
    this.circuit.on('halfOpen', () => changed('HALF_OPEN'))
    this.circuit.on('close', () => changed('CLOSED'))
  }

  get state(): BreakerState {
    if (this.circuit.closed) return 'CLOSED'
    return this.circuit.halfOpen ? 'HALF_OPEN' : 'OPEN'
  }

  /** Whether `run` would let such a call through now. */
  admits(lane: Lane): boolean {
    return this.circuit.closed || this.circuit.pendingClose || (lane === 'protect' && this.probeDue())
  }

  /** Null: the breaker is open and the action was not started. */
  async run(lane: Lane, action: () => Promise<T>): Promise<T | null> {
    if (!this.admits(lane)) return null
    if (!this.circuit.closed && !this.circuit.pendingClose) return this.probe(action)
    try {
      return await this.circuit.fire(action)
    } catch (error) {
      if (error instanceof Failed) return (error as Failed<T>).result
      throw error
    }
  }

  close(): void {
    this.circuit.shutdown()
  }

  private probeDue(): boolean {
    return this.now() - this.probedAt >= PROBE_EVERY_MS
  }

  private async probe(action: () => Promise<T>): Promise<T> {
    this.probedAt = this.now()
    const result = await action()
    if (!this.failed(result)) this.circuit.close()
    return result
  }
}
