import { seededRandom } from '../../simulators/kit/index.js'
import type { Action } from './actions.js'

/** Requests for one order: usually one. */
const REQUESTS = [[true], [true], [false], [true, true], [false, true]]
const MAX_ORDERS = 6

/** Direct orders that staff cancel. Drawn from a random source of its own. */
export function orderCancellationsOf(seed: number, activeMs: number): Action[] {
  const random = seededRandom(seed ^ 0xca9ce1)
  return Array.from({ length: random.chance(0.4) ? random.integer(1, MAX_ORDERS) : 0 }, (): Action => {
    const order = random.next()
    return { atMs: random.integer(0, activeMs), kind: 'cancel-direct-order', order, refunds: random.pick(REQUESTS) }
  })
}
