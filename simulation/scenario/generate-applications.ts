import { seededRandom, type Random } from '../../simulators/kit/index.js'
import type { Action, ApplicationAction, EventPlan } from './actions.js'

/** Most organizers approve buyers while they have room. */
const DECISIONS: readonly ApplicationAction['decision'][] = [
  ...Array<'approve'>(7).fill('approve'),
  'overrule',
  'decline',
  'withdraw',
]
const MAX_DECISIONS = 100

interface Applications {
  events: EventPlan[]
  actions: Action[]
  /** Luma's, which differ from the defaults. */
  toggles: Record<string, unknown>
}

/**
 * Listings whose organizer approves each buyer (Luma), decisions, and whether applicants hold seats. Drawn from a random
 * source of its own, so that the rest of a scenario is the same without it.
 */
export function applicationsOf(seed: number, events: readonly EventPlan[], activeMs: number): Applications {
  const random = seededRandom(seed ^ 0xa991c)
  const isUsed = random.chance(0.4)
  const toggles = random.chance(0.5) ? { pendingHoldsCapacity: 'no' } : {}
  const actions: Action[] = []
  let index = 0
  const plans = events.map((event, position): EventPlan => {
    const listings = event.listings.map((listing) => {
      const requireApproval = isUsed && listing.platform === 'LUMA' && random.chance(0.6)
      if (requireApproval) actions.push(...decisionsOn(random, index, event.capacity, activeMs))
      if (requireApproval && random.chance(0.4)) actions.push(...excessOn(random, index, position, event, activeMs))
      index += 1
      return requireApproval ? { ...listing, requireApproval } : listing
    })
    return { ...event, listings }
  })
  return actions.length > 0 ? { events: plans, actions, toggles } : { events: [...events], actions: [], toggles: {} }
}

/** The capacity is lowered while buyers wait, and the organizer approves more than that. */
function excessOn(random: Random, listing: number, event: number, { capacity }: EventPlan, activeMs: number): Action[] {
  const atMs = random.integer(0, activeMs / 2)
  const to = Math.max(1, Math.floor(capacity * (0.1 + 0.3 * random.next())))
  const approvals = Array.from({ length: random.integer(3, 12) }, (): Action => {
    const within = { atMs: random.integer(atMs + 1, activeMs), application: random.next() }
    return { ...within, kind: 'decide-application', listing, decision: 'overrule' }
  })
  return [{ atMs, kind: 'change-capacity', event, to }, ...approvals]
}

function decisionsOn(random: Random, listing: number, capacity: number, activeMs: number): Action[] {
  const count = Math.min(MAX_DECISIONS, Math.ceil(capacity * (0.2 + 0.6 * random.next())))
  return Array.from({ length: count }, (): Action => {
    const application = random.next()
    return {
      atMs: random.integer(0, activeMs),
      kind: 'decide-application',
      listing,
      application,
      decision: random.pick(DECISIONS),
    }
  })
}
