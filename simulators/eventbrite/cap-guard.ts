import { allLimits } from './capacity.js'
import type { SimulatedEvent } from './model.js'

/** The simulator broke its own promise: a bug of the simulator, never of its client. */
export class CapViolation extends Error {}

/**
 * Asserts after every change that no limit is exceeded further than it was when it was lowered: a shrink may leave more
 * sold and in carts than the cap, but from then on that excess only falls.
 */
export class CapGuard {
  private readonly tolerated = new Map<string, number>()
  /** Every violation so far, for the control surface. */
  readonly violations: string[] = []

  /** `lowered`: this change set the limits themselves, so what stands above them now is tolerated. */
  check(event: SimulatedEvent, cause: string, lowered: boolean): void {
    for (const { key, limit, taken } of allLimits(event)) {
      const excess = Math.max(0, taken - limit)
      if (!lowered && excess > (this.tolerated.get(key) ?? 0)) {
        const message = `${cause}: ${key} has ${taken} taken of ${limit}`
        this.violations.push(message)
        throw new CapViolation(message)
      }
      this.tolerated.set(key, excess)
    }
  }
}
