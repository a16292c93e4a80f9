import type { Clock } from './time/clock.js'
import { asOwnWork } from './work-class.js'

interface Limits {
  /** How old what is returned may be, ms, counted from when its reading started. */
  maxAgeMs: number
  /** Values that are kept. */
  max: number
}

interface Reading<V> {
  since: number
  value: Promise<V>
}

/**
 * Values by key for many callers who request them again and again: each is read at most once per `maxAgeMs`, for all of them. A
 * reading that failed is not kept.
 */
export class RecentReads<V> {
  /** Those read longest ago first. */
  private readonly readings = new Map<string, Reading<V>>()

  constructor(
    private readonly read: (key: string) => Promise<V>,
    private readonly limits: Limits,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {}

  /** Rejects with the error of the reading. */
  get(key: string): Promise<V> {
    const now = this.clock.monotonicMs()
    const known = this.readings.get(key)
    if (known && now - known.since < this.limits.maxAgeMs) return known.value
    // It serves callers of every class.
    const reading = { since: now, value: asOwnWork(() => this.read(key)) }
    this.keep(key, reading)
    reading.value.catch(() => {
      if (this.readings.get(key) === reading) this.readings.delete(key)
    })
    return reading.value
  }

  private keep(key: string, reading: Reading<V>): void {
    this.readings.delete(key)
    this.readings.set(key, reading)
    const [oldest] = this.readings.keys()
    if (this.readings.size > this.limits.max && oldest !== undefined) this.readings.delete(oldest)
  }
}
