import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

/** The job of the second, or the next sweep, and some lost calls, ms. */
const BOUND_MS = 60_000

/**
 * Units of an expired hold return within a bound of the time during which a process runs that reaches its servers, and by
 * whose clock the hold has expired.
 */
export function holdExpiryInvariant(): Invariant {
  const overdueMs = new Map<string, number>()
  let checkedAt: number | null = null
  return (world) => {
    const now = world.time.ms()
    const passed = checkedAt === null ? 0 : now - checkedAt
    checkedAt = now
    const latest = latestClock(world)
    return world.database.holds
      .whereKey(null, 'state', 'HELD', ({ expiresAt }) => latest !== null && expiresAt.getTime() <= latest)
      .flatMap(({ id }) => {
        const total = (overdueMs.get(id) ?? 0) + passed
        overdueMs.set(id, total)
        if (total - passed > BOUND_MS || total <= BOUND_MS) return []
        return [violation('EXPIRY', `hold ${id} is live ${total} ms after it has expired`)]
      })
  }
}

/** Of the processes that reach their servers, ms; null: there is none. */
function latestClock({ processes, databaseConditions, redisConditions }: World): number | null {
  const able = processes
    .ready()
    .filter(({ slot }) => databaseConditions.of(slot) === null && redisConditions.of(slot) === null)
    .filter(({ steps }) => steps.pausedUntil() === null)
  return able.length === 0 ? null : Math.max(...able.map(({ clock }) => clock.now().getTime()))
}
