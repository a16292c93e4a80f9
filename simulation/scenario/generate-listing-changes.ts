import type { ApiPlatform } from '../../src/domain/channel.js'
import { seededRandom } from '../../simulators/kit/index.js'
import type { Action, EventPlan } from './actions.js'

const API_PLATFORMS: readonly ApiPlatform[] = ['EVENTBRITE', 'LUMA', 'MEETUP']

/** Listings that are added, detached, attached again or moved while on sale. Drawn from a random source of its own. */
export function listingChangesOf(seed: number, events: readonly EventPlan[], activeMs: number): Action[] {
  const random = seededRandom(seed ^ 0x115715)
  if (!random.chance(0.3)) return []
  const listings = events.flatMap((event) => event.listings).length
  const at = () => random.integer(0, activeMs)
  return Array.from({ length: random.integer(1, 3) }).flatMap((): Action[] => {
    const listing = random.integer(0, listings - 1)
    const atMs = at()
    switch (random.pick(['add', 'detach', 'replace', 'move'] as const)) {
      case 'add':
        return addition(listings, random.integer(0, events.length - 1), atMs)
      case 'detach':
        return [
          { atMs, kind: 'detach-listing', listing },
          ...(random.chance(0.5)
            ? [{ atMs: random.integer(atMs, activeMs), kind: 'attach-listing-again' as const, listing }]
            : []),
        ]
      case 'replace':
        return [
          { atMs, kind: 'detach-listing', listing },
          ...addition(listings, random.integer(0, events.length - 1), random.integer(atMs, activeMs)),
        ]
      case 'move':
        return [{ atMs, kind: 'move-listing', listing }]
    }
  })

  /** With buyers of its own. */
  function addition(first: number, event: number, atMs: number): Action[] {
    const alreadySold = random.pick([0, 0, 1, 3])
    const capacity = random.chance(0.1) ? null : alreadySold + random.integer(1, 6)
    const plan = { platform: random.pick(API_PLATFORMS), weight: random.integer(1, 3), capacity, alreadySold }
    const buyers = Array.from({ length: random.integer(0, 8) }, (): Action => ({
      atMs: random.integer(atMs, activeMs),
      kind: 'buy',
      listing: first,
      tickets: random.integer(1, 3),
    }))
    return [{ atMs, kind: 'add-listing', event, plan }, ...buyers]
  }
}
