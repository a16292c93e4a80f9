import type { Platform } from '../../src/domain/channel.js'
import { seededRandom, type Random } from '../../simulators/kit/index.js'
import type { Action, BuyerAction, EventPlan, ListingPlan, Scenario } from './actions.js'
import { directSalesOf } from './generate-direct.js'
import { faultsOf } from './generate-faults.js'
import { longFailSafeOf, operatorsOf } from './generate-operators.js'
import { waitlistsOf } from './generate-waitlists.js'
import { safetyStockOf } from './generate-safety-stock.js'
import type { Shape } from './shape.js'

const MINUTE_MS = 60_000
const PLATFORMS: readonly Platform[] = ['EVENTBRITE', 'LUMA', 'MEETUP']
const PARTIES = [1, 1, 1, 2, 2, 3, 4]

/** The scenario of a seed. Most are short; every eighth has more events and lasts longer. */
export function scenarioOf(seed: number): Scenario {
  const random = seededRandom(seed)
  const isLarge = random.chance(1 / 8)
  const events = Array.from({ length: isLarge ? random.integer(2, 4) : random.integer(1, 2) }, () => eventOf(random))
  const activeMs = (isLarge ? random.integer(4, 10) : random.integer(1, 3)) * MINUTE_MS
  const processes = random.chance(0.4) ? 2 : 1
  const listings = events.flatMap((event) => event.listings)
  const shape = { random, events, listings, processes, activeMs }
  // The last is drawn last: the others are the same with and without it.
  const actions = [...buyersOf(shape), ...operatorsOf(shape), ...faultsOf(shape), ...longFailSafeOf(shape)]
  const direct = directSalesOf(seed, events, activeMs)
  const waiting = waitlistsOf(seed, direct.events, activeMs)
  const safety = safetyStockOf(seed, events, activeMs)
  const all = [...actions, ...direct.actions, ...waiting.actions, ...safety].toSorted((a, b) => a.atMs - b.atMs)
  return { seed, events: waiting.events, processes, activeMs, actions: all }
}

function eventOf(random: Random): EventPlan {
  const capacity = random.pick([10, 20, 40, 60, 100, 200])
  const platforms = random.shuffle(PLATFORMS).slice(0, random.integer(1, 3))
  // Sometimes two listings on one platform.
  const all = random.chance(0.15) ? [...platforms, random.pick(platforms)] : platforms
  return {
    capacity,
    directWeight: random.pick([0, 0, 1, 2]),
    listings: all.map((platform) => listingOf(random, platform, capacity)),
  }
}

function listingOf(random: Random, platform: Platform, eventCapacity: number): ListingPlan {
  const isOnSale = random.chance(0.4)
  const capacity = random.chance(0.1) ? null : random.integer(1, Math.ceil(eventCapacity * (isOnSale ? 0.6 : 0.3)))
  const alreadySold = isOnSale ? random.integer(0, Math.floor(Math.min(capacity ?? 5, eventCapacity * 0.2))) : 0
  return { platform, weight: random.integer(1, 3), capacity, alreadySold }
}

/** Buyers arrive at a rate that sells between a third and twice the capacity. */
function buyersOf({ random, events, activeMs }: Shape): Action[] {
  const actions: Action[] = []
  let first = 0
  for (const [event, { capacity, listings, directWeight }] of events.entries()) {
    const buyers = Math.round((capacity / 2) * (0.3 + 1.7 * random.next()))
    const popularity = listings.map(() => 0.2 + random.next())
    for (let buyer = 0; buyer < buyers; buyer++) {
      const atMs = random.integer(0, activeMs)
      if (directWeight > 0 && random.chance(0.2)) actions.push({ atMs, ...holdOf(random, event) })
      else actions.push(...purchaseOf(random, first + weighted(random, popularity), atMs, activeMs))
    }
    first += listings.length
  }
  return actions
}

function holdOf(random: Random, event: number): BuyerAction {
  const outcome = random.pick(['confirm', 'confirm', 'release', 'expire'] as const)
  return { kind: 'hold', event, quantity: random.pick(PARTIES), outcome, afterMs: random.integer(0, 30_000) }
}

function purchaseOf(random: Random, listing: number, atMs: number, activeMs: number): Action[] {
  const tickets = random.pick(PARTIES)
  const laterMs = random.integer(atMs, activeMs)
  if (random.chance(0.15)) {
    const opened: Action = { atMs, kind: 'open-cart', listing, tickets }
    return random.chance(0.7) ? [opened, { atMs: laterMs, kind: 'complete-cart', listing }] : [opened]
  }
  const bought: Action = { atMs, kind: 'buy', listing, tickets }
  if (random.chance(0.12)) return [bought, { atMs: laterMs, kind: 'cancel-order', listing, order: random.next() }]
  if (random.chance(0.05)) return [bought, { atMs: laterMs, kind: 'change-order', listing, order: random.next() }]
  return [bought]
}

function weighted(random: Random, weights: readonly number[]): number {
  let rest = random.next() * weights.reduce((sum, weight) => sum + weight, 0)
  const chosen = weights.findIndex((weight) => (rest -= weight) < 0)
  return Math.max(0, chosen)
}
