import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

/** Beyond the time after which a process must know that Redis is unavailable: probes, heartbeats and timeouts, ms. */
const MARGIN_MS = 3_000

/** I8: a process that does not reach Redis sells nothing once it had the time to notice; one that is paused does nothing. */
export const admissionInvariant: Invariant = (world) =>
  world.processes.ready().flatMap((process) => {
    const sinceMs = Math.min(world.redisConditions.sinceMs(process.slot), process.steps.awakeMs())
    if (sinceMs < process.failSafeAfterMs + MARGIN_MS || process.mode === 'FAIL_SAFE') return []
    return [violation('I8', `${process.name} still sells ${sinceMs} ms after it lost Redis`)]
  })
