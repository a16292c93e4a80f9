import { seededRandom, type Random } from '../../simulators/kit/index.js'
import type { Action, Card, EventPlan, HoldAction } from './actions.js'

const CARDS: readonly Card[] = ['approve', 'approve', 'approve', 'decline', 'slow', 'slow', 'slow-decline']
const OUTCOMES = ['confirm', 'confirm', 'confirm', 'release', 'expire'] as const
const PARTIES = [1, 1, 2, 2, 3, 4]
const LARGE_PARTY = 4
const CUSTOMERS = 6
/** Per event. */
const MAX_HOLDS = 60
/** Around the end of a hold, ms. */
const RACE_MS = 400

/**
 * What is sold in the service itself: prices, limits and seats of events, and holds. Drawn from a random source of its own,
 * so that the rest of a scenario is the same without it.
 */
export function directSalesOf(
  seed: number,
  events: readonly EventPlan[],
  activeMs: number,
): { events: EventPlan[]; actions: Action[] } {
  const random = seededRandom(seed ^ 0xd12ec7)
  // Nothing at many events, something at others, and more than there are tickets at a few.
  const shares = events.map(() => random.pick([0, 0, 0.1, 0.3, 1]))
  const plans = events.map((event, index) => planOf(random, event, shares[index] ?? 0))
  const holds = plans.flatMap((plan, event) => holdsOf(random, plan, event, shares[event] ?? 0, activeMs))
  const hasPrice = plans.some(({ priceCents }) => priceCents !== undefined)
  return { events: plans, actions: hasPrice ? [...holds, ...paymentFaultsOf(random, activeMs)] : holds }
}

function planOf(random: Random, event: EventPlan, share: number): EventPlan {
  if (share === 0) return event
  const directWeight = random.chance(0.2) ? event.directWeight : Math.max(1, event.directWeight)
  const price = random.chance(0.5) ? { priceCents: random.pick([500, 1_999, 12_000]) } : {}
  const limit = random.chance(0.4) ? { maxHeldPerCustomer: random.integer(2, 6) } : {}
  const seats = random.chance(0.2) ? { seats: Math.ceil(event.capacity * random.pick([0.1, 0.3])) } : {}
  return { ...event, directWeight, ...price, ...limit, ...seats }
}

function holdsOf(random: Random, { capacity }: EventPlan, event: number, share: number, activeMs: number): Action[] {
  const count = Math.min(MAX_HOLDS, Math.ceil(capacity * share))
  return Array.from({ length: count }, () => ({ atMs: random.integer(0, activeMs), ...holdOf(random, event) }))
}

function holdOf(random: Random, event: number): HoldAction {
  const ttlSeconds = random.pick([5, 15, 60])
  const endMs = ttlSeconds * 1_000
  const afterMs = random.chance(0.25)
    ? endMs + random.integer(-RACE_MS, RACE_MS)
    : random.integer(0, Math.ceil(endMs * 0.8))
  const card = random.pick(CARDS)
  const isAbandoned = random.chance(card.startsWith('slow') ? 0.5 : 0.1)
  return {
    kind: 'hold',
    event,
    // Returned units of a large party are soon sold in part, so that its late payment has to be refunded.
    quantity: isAbandoned ? LARGE_PARTY : random.pick(PARTIES),
    outcome: random.pick(OUTCOMES),
    afterMs,
    customer: random.integer(1, CUSTOMERS),
    ttlSeconds,
    card,
    ...(isAbandoned ? { abandonAfterMs: random.integer(500, 12_000) } : {}),
    seat: random.next(),
  }
}

function paymentFaultsOf(random: Random, activeMs: number): Action[] {
  return Array.from({ length: random.pick([0, 0, 1, 2]) }, (): Action => {
    const what = random.pick(['unreachable', 'response-lost'] as const)
    const forMs = random.pick([2_000, 10_000, 30_000])
    return { atMs: random.integer(0, activeMs), kind: 'payment-faults', what, share: random.pick([0.3, 1]), forMs }
  })
}
