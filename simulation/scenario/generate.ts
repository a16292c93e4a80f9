import type { ApiPlatform } from '../../src/domain/channel.js'
import { seededRandom, type Random } from '../../simulators/kit/index.js'
import type { Action, BuyerAction, EventPlan, ListingPlan, Scenario } from './actions.js'
import { applicationsOf } from './generate-applications.js'
import { connectionsOf } from './generate-connections.js'
import { coincidencesOf, lostOpeningsOf } from './generate-coincidences.js'
import { doorOf } from './generate-door.js'
import { directSalesOf } from './generate-direct.js'
import { listingChangesOf } from './generate-listing-changes.js'
import { faultsOf } from './generate-faults.js'
import { manualListingsOf } from './generate-manual-listings.js'
import { latenciesOf, lowerLimitOf, togglesOf } from './generate-platforms.js'
import { orderCancellationsOf } from './generate-order-cancellations.js'
import { rushesOf } from './generate-rushes.js'
import { suspensionsOf } from './generate-suspensions.js'
import { longFailSafeOf, operatorsOf } from './generate-operators.js'
import { unlistedSalesOf } from './generate-unlisted-sales.js'
import { waitlistsOf } from './generate-waitlists.js'
import { safetyStockOf } from './generate-safety-stock.js'
import type { Shape } from './shape.js'

const MINUTE_MS = 60_000
const API_PLATFORMS: readonly ApiPlatform[] = ['EVENTBRITE', 'LUMA', 'MEETUP']
const MAX_CROWD = 200
const PARTIES = [1, 1, 1, 2, 2, 3, 4]

/** Separate draws: what they add leaves the rest of a seed's scenario as it is. */
const VARIETY = 0x76a1e7

/**
 * The scenario of a seed. Most are short; every eighth has more events and lasts longer. Some have an account with many
 * short events, whose budget is scarce, or import a listing with several pages of orders.
 */
export function scenarioOf(seed: number): Scenario {
  const random = seededRandom(seed)
  const variety = seededRandom(seed ^ VARIETY)
  const kind = variety.pick(['account', 'import', ...Array<'usual'>(10).fill('usual')] as const)
  const { events: usual, activeMs, processes } = frameOf(random)
  const events = kind === 'account' ? accountOf(variety) : usual
  if (kind === 'import') addOrders(variety, events)
  const listings = events.flatMap((event) => event.listings)
  const shape = { random, events, listings, processes, activeMs: kind === 'account' ? 90_000 : activeMs }
  // The last is drawn last: the others are the same with and without it.
  const usualActions = [...buyersOf(shape), ...operatorsOf(shape), ...faultsOf(shape), ...longFailSafeOf(shape)]
  const varied = { ...shape, random: variety }
  const direct = directSalesOf(seed, events, shape.activeMs)
  const changed = usualActions.map((action) => varietyOf(variety, action, events))
  const waiting = waitlistsOf(seed, direct.events, shape.activeMs)
  const inService = [
    ...direct.actions,
    ...waiting.actions,
    ...safetyStockOf(seed, events, shape.activeMs),
    ...orderCancellationsOf(seed, shape.activeMs),
    ...listingChangesOf(seed, events, shape.activeMs),
    ...doorOf(seed, events, shape.activeMs),
  ]
  const coincidences = [...coincidencesOf(seed, shape), ...lostOpeningsOf(seed, shape)]
  const applied = applicationsOf(seed, waiting.events, shape.activeMs)
  const changes = [...suspensionsOf(varied), ...rushesOf(varied), ...coincidences, ...applied.actions]
  const connected = connectionsOf(seed, applied.events, shape.activeMs)
  const manual = manualListingsOf(seed, connected.events, shape.activeMs)
  const drawn = [...changed, ...inService, ...changes, ...connected.actions, ...manual.actions]
  const sellable = { ...shape, listings: connected.events.flatMap((event) => event.listings) }
  const actions = [...drawn, ...unlistedSalesOf(seed, sellable, drawn)]
  const platforms = API_PLATFORMS.filter((platform) => listings.some((listing) => listing.platform === platform))
  const limited = platforms.filter(() => variety.chance(kind === 'usual' ? 0.05 : 0.6))
  const toggles = togglesOf(variety, platforms)
  return {
    seed,
    events: manual.events,
    ...(connected.second.length > 0 ? { secondConnections: connected.second } : {}),
    processes,
    activeMs: shape.activeMs,
    toggles: toggles.LUMA ? { ...toggles, LUMA: { ...toggles.LUMA, ...applied.toggles } } : toggles,
    latencyMs: latenciesOf(variety, platforms),
    limits: Object.fromEntries(limited.map((platform) => [platform, lowerLimitOf(variety, platform)])),
    actions: actions.toSorted((a, b) => a.atMs - b.atMs),
  }
}

function frameOf(random: Random): Pick<Scenario, 'events' | 'activeMs' | 'processes'> {
  const isLarge = random.chance(1 / 8)
  const events = Array.from({ length: isLarge ? random.integer(2, 4) : random.integer(1, 2) }, () => eventOf(random))
  const activeMs = (isLarge ? random.integer(4, 10) : random.integer(1, 3)) * MINUTE_MS
  return { events, activeMs, processes: random.chance(0.4) ? 2 : 1 }
}

/** Many small events, most of them on one platform. */
function accountOf(random: Random): EventPlan[] {
  const crowded = random.pick(API_PLATFORMS)
  return Array.from({ length: random.integer(6, 12) }, () => {
    const capacity = random.pick([6, 10, 20])
    const platform = random.chance(0.8) ? crowded : random.pick(API_PLATFORMS)
    return { capacity, directWeight: random.pick([0, 1]), listings: [listingOf(random, platform, capacity)] }
  })
}

/** Orders of earlier weeks: several pages. */
function addOrders(random: Random, events: EventPlan[]): void {
  for (const event of events) {
    const [listing] = event.listings
    if (!listing) continue
    event.capacity += 300
    listing.alreadySold = random.integer(60, 180)
    listing.capacity = listing.alreadySold + random.integer(0, 60)
  }
}

/** Buyers who try another listing of their event, wait, or pass a part of an order on. */
function varietyOf(random: Random, action: Action, events: readonly EventPlan[]): Action {
  if (action.kind === 'buy') {
    const elsewhere = otherListingOf(random, action.listing, events)
    if (random.chance(0.1)) return { ...action, kind: 'buy-or-wait' }
    return elsewhere !== null && random.chance(0.3) ? { ...action, elsewhere } : action
  }
  if (action.kind === 'cancel-order' && random.chance(0.3)) return { ...action, kind: 'cancel-ticket' }
  if (action.kind === 'change-order' && random.chance(0.5)) return { ...action, kind: 'transfer-order' }
  return action
}

/** Null: its event has no other. */
function otherListingOf(random: Random, listing: number, events: readonly EventPlan[]): number | null {
  let first = 0
  for (const { listings } of events) {
    const others = listings.map((_, index) => first + index).filter((index) => index !== listing)
    if (listing < first + listings.length) return others.length > 0 ? random.pick(others) : null
    first += listings.length
  }
  return null
}

function eventOf(random: Random): EventPlan {
  const capacity = random.pick([10, 20, 40, 60, 100, 200])
  const platforms = random.shuffle(API_PLATFORMS).slice(0, random.integer(1, 3))
  // Sometimes two listings on one platform.
  const all = random.chance(0.15) ? [...platforms, random.pick(platforms)] : platforms
  return {
    capacity,
    directWeight: random.pick([0, 0, 1, 2]),
    listings: all.map((platform) => listingOf(random, platform, capacity)),
  }
}

function listingOf(random: Random, platform: ApiPlatform, eventCapacity: number): ListingPlan {
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
    const buyers = Math.round((Math.min(capacity, MAX_CROWD) / 2) * (0.3 + 1.7 * random.next()))
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
