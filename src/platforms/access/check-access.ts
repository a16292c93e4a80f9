import type { Clock } from '../../infrastructure/time/clock.js'
import type { Timers } from '../../infrastructure/time/timers.js'
import type { Lane } from '../../domain/channel.js'
import type { AccessReport, Outcome, PlatformAdapter } from '../port.js'
import { waitForBudget } from '../wait-for-budget.js'

/** Maximum wait for the rate limit of an account, which the running service uses as well: without a call nothing is known. */
const MAX_WAIT_MS = 10_000

export interface AccessCheckOptions {
  clock: Clock
  timers: Timers
  /** Default: `protect`, for a person who waits for the response; it takes a few calls only. */
  lane?: Lane
}

/** Checks access. The other parameters are those of `PlatformAdapter.checkAccess`. */
export function checkAccess(
  adapter: PlatformAdapter,
  { lane = 'protect', ...time }: AccessCheckOptions,
  endpointUrl: string | null,
  externalEventIds?: readonly string[],
): Promise<Outcome<AccessReport>> {
  return waitForBudget(time, MAX_WAIT_MS, () => adapter.checkAccess(endpointUrl, { lane }, externalEventIds))
}
