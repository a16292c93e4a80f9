import CircuitBreaker from 'opossum'
import type { Lane } from '../../domain/channel.js'

/** Opens when more than half of at least five calls in a minute fail. */
const THRESHOLD = {
  errorThresholdPercentage: 50,
  volumeThreshold: 5,
  rollingCountTimeout: 60_000,
  rollingCountBuckets: 12,
}
/** Interval at which `protect` calls may probe an open breaker, ms. */
const PROBE_INTERVAL_MS = 1_000

export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN'

class Failed<T> extends Error {
  constructor(readonly result: T) {
    super('the call failed')
  }
}

/** Circuit breaker of one platform. `protect` calls may probe it while it is open. */
export class Breaker<T> {
  private readonly circuit: CircuitBreaker<[() => Promise<T>], T>
  private probedAt = Number.NEGATIVE_INFINITY

  /** `failed`: whether a result counts as a failure of the platform. `resetMs`: from open to half-open. */
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
    // The action has its own timeout: one of the breaker would leave the call running.
    this.circuit = new CircuitBreaker(attempt, { ...THRESHOLD, timeout: false, resetTimeout: resetMs })
    this.circuit.on('open', () => changed('OPEN'))
    this.circuit.on('halfOpen', () => changed('HALF_OPEN'))
    this.circuit.on('close', () => changed('CLOSED'))
  }

  get state(): BreakerState {
    if (this.circuit.closed) return 'CLOSED'
    return this.circuit.halfOpen ? 'HALF_OPEN' : 'OPEN'
  }

  /** Whether `run` would make a call of this lane now. */
  allows(lane: Lane): boolean {
    return this.circuit.closed || this.circuit.pendingClose || (lane === 'protect' && this.probeDue())
  }

  /** Null: the breaker is open and the action was not started. */
  async run(lane: Lane, action: () => Promise<T>): Promise<T | null> {
    if (!this.allows(lane)) return null
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
    return this.now() - this.probedAt >= PROBE_INTERVAL_MS
  }

  private async probe(action: () => Promise<T>): Promise<T> {
    this.probedAt = this.now()
    const result = await action()
    if (!this.failed(result)) this.circuit.close()
    return result
  }
}
