import { allLimits } from './capacity.js'
import type { SimulatedEvent } from './model.js'

/** The simulator exceeded a limit: a bug of the simulator, never of its client. */
export class CapViolation extends Error {}

/**
 * Asserts after every change that no limit is exceeded further than when it was lowered: a lowered limit may be below
 * what is sold and in carts, but from then on that excess only falls.
 */
export class CapGuard {
  private readonly tolerated = new Map<string, number>()
  /** All violations so far, for the control routes. */
  readonly violations: string[] = []

  /** `lowered`: this change set the limits themselves, so the current excess is tolerated. */
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
