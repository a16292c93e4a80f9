import type { Invariant } from './invariant.js'
import { violation } from './violation.js'

/** I11: no platform ever refuses a call because of its rate limit. */
export const rateLimitInvariant: Invariant = (world) =>
  world
    .takeRefusedCalls()
    .map(({ platform, operation }) => violation('I11', `${platform} refused ${operation}: too many calls`))
