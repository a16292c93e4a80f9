import type { Config } from '../infrastructure/config/config.js'
import type { PlatformTraits } from '../platforms/traits.js'

/** Coalesces sales in quick succession into one rebalancing round, ms. */
export const DEBOUNCE_MS = 1_000
/** Usual time of a delivery, of a read or of a write, ms. */
const CALL_MS = 1_000

/**
 * Time from a seat being taken on a platform until units sent in response are on sale there, ms: checkout, notice, read,
 * plan and write. A polled listing is read again before its next raise.
 */
export function correctionMs(traits: PlatformTraits, config: Config): number {
  const { hasApi, confirmMs, checkoutMs, coalesceMs, minReadIntervalMs, polling } = traits
  // A person is slower than anything that a platform does.
  if (!hasApi) return confirmMs
  const notice = polling ? 2 * polling.baseMs(config) : CALL_MS + coalesceMs + minReadIntervalMs
  return checkoutMs + notice + CALL_MS + DEBOUNCE_MS + CALL_MS
}
