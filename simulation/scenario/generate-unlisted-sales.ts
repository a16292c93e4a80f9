import { seededRandom } from '../../simulators/kit/index.js'
import type { Action } from './actions.js'
import type { Shape } from './shape.js'

/** Lists lack what has changed within this time, as long, ms. */
const LAG_MS = 20_000
const FOR_MS = 40_000
/** The service gives a platform 10 s to show an order that it has reported. */
const ORDER_LAG_MS = 8_000
const EARLIEST_MS = 10_000
/** Until its count would release what it can sell, and this was noticed. */
const UNTIL_COUNTED_MS = 20_000
/** Until what a fault has caused is over, ms. */
const AFTER_FAULT_MS = 20_000
const ATTEMPTS = 20

/**
 * A listing of Luma is closed right after a sale that its lists do not show for a while, and that is not found by its id at
 * once. Only the delivery shows it: nothing that may keep one from arriving takes place at the time, since no client can
 * know of the sale then. Drawn from a random source of its own, so that the rest of a scenario is the same without it.
 */
export function unlistedSalesOf(seed: number, { listings, activeMs }: Shape, others: readonly Action[]): Action[] {
  const random = seededRandom(seed ^ 0x0115ed)
  const candidates = [...listings.keys()].filter((index) => isPlain(listings[index]))
  if (candidates.length === 0 || !random.chance(0.5)) return []
  const listing = random.pick(candidates)
  const times = Array.from({ length: ATTEMPTS }, () => random.integer(EARLIEST_MS, activeMs - UNTIL_COUNTED_MS))
  const atMs = times.find((time) => !others.some((action) => disturbs(action, time)))
  if (atMs === undefined) return []
  const platform = 'LUMA'
  return [
    { atMs, kind: 'platform-faults', platform, forMs: FOR_MS, knobs: { listLagMs: LAG_MS, orderLagMs: ORDER_LAG_MS } },
    { atMs: atMs + 10, kind: 'buy', listing, tickets: random.integer(2, 3) },
    { atMs: atMs + 10 + random.integer(0, 50), kind: 'pause-channel', listing },
    { atMs: Math.min(activeMs, atMs + FOR_MS), kind: 'resume-channel', listing },
  ]
}

const isPlain = (listing: Shape['listings'][number] | undefined) =>
  listing?.platform === 'LUMA' && listing.requireApproval !== true && listing.onSecondConnection !== true

/** A fault, or a change of a listing: one that is imported now would be imported as its lists show it. */
function disturbs(action: Action, atMs: number): boolean {
  if (!DISTURBING.has(action.kind)) return false
  if (action.kind === 'platform-faults' && !delaysDeliveries(action)) return false
  const lastsMs = 'forMs' in action ? action.forMs : 'restartAfterMs' in action ? action.restartAfterMs : 0
  return action.atMs < atMs + UNTIL_COUNTED_MS && action.atMs + lastsMs + AFTER_FAULT_MS > atMs
}

const delaysDeliveries = ({ platform, knobs }: Extract<Action, { kind: 'platform-faults' }>) =>
  platform === 'LUMA' && Object.keys(knobs).some((knob) => knob.startsWith('webhook') || knob === 'clockSkewMs')

const DISTURBING: ReadonlySet<Action['kind']> = new Set<Action['kind']>([
  'kill-process',
  'pause-process',
  'connections-lost',
  'redis-outage',
  'redis-lost',
  'redis-failed-over',
  'redis-rolled-back',
  'redis-unreachable',
  'database-down',
  'database-unreachable',
  'lost-results',
  'clock-jump',
  'platform-faults',
  'force-fail-safe',
  'add-listing',
  'attach-listing-again',
  'detach-listing',
  'move-listing',
])
