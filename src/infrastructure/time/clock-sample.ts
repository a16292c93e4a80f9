import type { WallClock } from './clock.js'
import type { DatabaseTime } from './database-time.js'

/** Clocks have milliseconds: both ends of a comparison are rounded. */
const RESOLUTION_MS = 1

/** One reading of several clocks at the same instant, each relative to the monotonic time of this process, ms. */
export interface ClockSample {
  database: number
  /** How far `database` may be off: half of the round trip. */
  uncertainty: number
  wall: number
  uptime: number
}

/** Rejects while PostgreSQL is unavailable. */
export async function takeSample(clock: WallClock, databaseTime: DatabaseTime): Promise<ClockSample> {
  const [sentMs, wall] = [clock.monotonicMs(), wallAhead(clock)]
  const database = (await databaseTime.read()).getTime()
  const halfMs = (clock.monotonicMs() - sentMs) / 2
  return {
    database: database - sentMs - halfMs,
    uncertainty: halfMs + RESOLUTION_MS,
    // Both are rounded down: the larger one is closer, unless the wall clock was set back in between.
    wall: Math.max(wall, wallAhead(clock)),
    uptime: clock.uptimeMs() - clock.monotonicMs(),
  }
}

/** How far the wall clock is ahead of the monotonic time, ms; changes only when one of them jumps or is adjusted. */
export function wallAhead(clock: WallClock): number {
  return clock.now().getTime() - clock.monotonicMs()
}

/** The part of a difference that the uncertainty of its measurement does not explain. */
export function certainPart(differenceMs: number, uncertaintyMs: number): number {
  return Math.sign(differenceMs) * Math.max(0, Math.abs(differenceMs) - uncertaintyMs)
}
