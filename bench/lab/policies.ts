import { REBALANCING, type AllocationPolicy } from '../../src/domain/rebalancing/allocation-policy.js'
import { planCaps } from '../../src/domain/caps/cap-plan.js'
import { API_PLATFORMS, type ApiPlatform } from '../../src/domain/channel.js'
import { traitsOf } from '../../src/platforms/registry.js'
import { DEBOUNCE_MS } from '../../src/rebalancing/correction-time.js'
import { sharesOf } from './demand/families.js'
import type { Bounds, Seller } from './demand/one-pool.js'
import type { Trace } from './demand/trace.js'
import { NETWORK, POLL_MS } from './network.js'

/** How the service divides the units: by moves, or only once. */
const SERVICE = ['rebalance', 'proportional', 'equal'] as const
/** Without the service's stock, on its adapters and the simulated platforms. */
const WITHOUT_STOCK = ['full-capacity'] as const
/** Computed: nothing is simulated but the buyers. */
const COMPUTED = ['one-sells-80', 'one-sells-50', 'reachable', 'clairvoyant'] as const

export const POLICIES = [...SERVICE, ...WITHOUT_STOCK, ...COMPUTED] as const
export type Policy = (typeof POLICIES)[number]
export type ServicePolicy = (typeof SERVICE)[number]
export type SimulatedPolicy = ServicePolicy | (typeof WITHOUT_STOCK)[number]
export type ComputedPolicy = (typeof COMPUTED)[number]

export const SIMULATED: readonly SimulatedPolicy[] = [...SERVICE, ...WITHOUT_STOCK]
export const isComputed = (policy: Policy): policy is ComputedPolicy => (COMPUTED as readonly Policy[]).includes(policy)

const NO_MOVES: AllocationPolicy = { split: planCaps, moves: () => [], channelsToRead: () => [] }

/** The policy of the service's processes. */
export function allocationOf(policy: SimulatedPolicy): AllocationPolicy {
  return policy === 'rebalance' ? REBALANCING : NO_MOVES
}

/** The organizer does not know the demand; a proportional split is given its true shares. */
export function weightsOf(policy: SimulatedPolicy, { shares }: Trace): Trace['shares'] {
  return policy === 'proportional' ? shares : { MEETUP: 1, EVENTBRITE: 1, LUMA: 1 }
}

const FOLLOWS = { 'one-sells-80': 0.8, 'one-sells-50': 0.5 } as const

/** Null: all platforms sell from one pool. The only seller is the platform with the largest demand. */
export function sellerOf(policy: ComputedPolicy, { shares }: Trace): Seller | null {
  if (policy === 'clairvoyant' || policy === 'reachable') return null
  const [platform] = API_PLATFORMS.toSorted((a, b) => shares[b] - shares[a])
  return platform ? { platform, follows: FOLLOWS[policy] } : null
}

/**
 * The least times of a return, ms: it is noticed (webhook, or half a poll interval), read, planned, and two caps are written;
 * calls take their median time. A cart that is left is not reported at all: it counts as if it were.
 */
const REACHABLE: Bounds = { correctionMs: sharesOf(leastCorrectionMs), minCap: 1 }

function leastCorrectionMs(platform: ApiPlatform): number {
  const { polling, coalesceMs } = traitsOf(platform)
  const noticeMs = polling ? POLL_MS / 2 : NETWORK.webhookDelayMs + coalesceMs
  return noticeMs + DEBOUNCE_MS + 3 * NETWORK.latencyMs.p50
}

/** What platforms impose on the policy; null: nothing. */
export function boundsOf(policy: ComputedPolicy): Bounds | null {
  return policy === 'reachable' ? REACHABLE : null
}
