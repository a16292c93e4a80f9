import { REBALANCING, type AllocationPolicy } from '../../src/domain/rebalancing/allocation-policy.js'
import { planCaps } from '../../src/domain/caps/cap-plan.js'
import { PLATFORMS } from '../../src/domain/channel.js'
import type { Seller } from './demand/one-pool.js'
import type { Trace } from './demand/trace.js'

/** How the service divides the units: by moves, or only once. */
const SERVICE = ['rebalance', 'proportional', 'equal'] as const
/** Without the service's stock, on its adapters and the simulated platforms. */
const WITHOUT_STOCK = ['full-capacity'] as const
/** Computed: nothing is simulated but the buyers. */
const COMPUTED = ['one-sells-80', 'one-sells-50', 'clairvoyant'] as const

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
  if (policy === 'clairvoyant') return null
  const [platform] = PLATFORMS.toSorted((a, b) => shares[b] - shares[a])
  return platform ? { platform, follows: FOLLOWS[policy] } : null
}
