import type { ApiPlatform } from '../../src/domain/channel.js'
import { seededRandom, type Random } from '../../simulators/kit/index.js'
import type { Action, EventPlan, ListingPlan } from './actions.js'

interface Connected {
  events: EventPlan[]
  second: ApiPlatform[]
  actions: Action[]
}

/**
 * A second account on one platform: an event has listings on both, others may be on either. In most scenarios its
 * credentials are revoked, and replaced later or never. Drawn from a random source of its own; the listing that is added
 * follows all others.
 */
export function connectionsOf(seed: number, events: readonly EventPlan[], activeMs: number): Connected {
  const random = seededRandom(seed ^ 0xc0221)
  const last = events.at(-1)
  if (!last || !random.chance(0.07)) return { events: [...events], second: [], actions: [] }
  const { platform } = random.pick(last.listings)
  const plans = events.map((event): EventPlan => ({ ...event, listings: event.listings.map(onEither) }))
  const added = listingOf(random, platform, last.capacity)
  const listing = events.flatMap((event) => event.listings).length
  const withBoth = { ...last, listings: [...last.listings, added] }
  const buyers = Array.from({ length: random.integer(2, 12) }, (): Action => {
    return { atMs: random.integer(0, activeMs), kind: 'buy', listing, tickets: random.integer(1, 3) }
  })
  return {
    events: [...plans.slice(0, -1), withBoth],
    second: [platform],
    actions: [...buyers, ...revocationOf(random, platform, activeMs)],
  }

  function onEither(plan: ListingPlan): ListingPlan {
    return plan.platform === platform && random.chance(0.4) ? { ...plan, onSecondConnection: true } : plan
  }
}

function listingOf(random: Random, platform: ApiPlatform, eventCapacity: number): ListingPlan {
  const capacity = random.integer(1, Math.ceil(eventCapacity * 0.3))
  return { platform, weight: random.integer(1, 3), capacity, alreadySold: 0, onSecondConnection: true }
}

function revocationOf(random: Random, platform: ApiPlatform, activeMs: number): Action[] {
  if (!random.chance(0.8)) return []
  const atMs = random.integer(0, activeMs)
  const replaced: Action = { atMs: random.integer(atMs, activeMs), kind: 'replace-credentials', platform }
  return [{ atMs, kind: 'credentials-revoked', platform }, ...(random.chance(0.6) ? [replaced] : [])]
}
