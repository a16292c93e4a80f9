import { seededRandom } from '../../simulators/kit/index.js'
import type { Action, EventPlan } from './actions.js'

const QUANTITIES = [1, 1, 2, 3, 6]

/** What staff sell from the safety stock and release to platforms. Drawn from a random source of its own. */
export function safetyStockOf(seed: number, events: readonly EventPlan[], activeMs: number): Action[] {
  const random = seededRandom(seed ^ 0x5afe)
  const listings = events.flatMap((event) => event.listings).length
  const times = (most: number) => Array.from({ length: random.chance(0.3) ? random.integer(1, most) : 0 })
  const at = () => random.integer(0, activeMs)
  const sales = times(4).map((): Action => {
    const event = random.integer(0, events.length - 1)
    return { atMs: at(), kind: 'sell-safety-stock', event, quantity: random.pick(QUANTITIES) }
  })
  const releases = times(3).map((): Action => {
    const decision = random.chance(0.8) ? 'approve' : 'reject'
    const listing = random.integer(0, listings - 1)
    const afterMs = random.integer(0, 20_000)
    return { atMs: at(), kind: 'release-safety-stock', listing, quantity: random.pick(QUANTITIES), decision, afterMs }
  })
  return [...sales, ...releases]
}
