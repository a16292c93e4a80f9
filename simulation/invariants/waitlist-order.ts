import type { WaitlistEntryRow } from '../../src/adapters/memory/rows.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'
import { automaticUnits } from './waitlist-progress.js'
import { isOfferedFirst, queueOf } from './waitlist-queue.js'

/** Longer than the transaction of an offer may last, ms: it does not see who has joined since it has started. */
const KNOWN_AFTER_MS = 30_000

/**
 * QUEUE: no entry is passed over by an automatic offer of at least as many tickets to one behind it, nor by general sale of
 * what it waits for. OFFER: automatic
 * offers are made to verified addresses, and only while the tickets are not on sale to everyone.
 */
export function waitlistOrderInvariant(): Invariant {
  const queuedSince = new Map<string, number>()
  const known = new Set<string>()
  /** As of the last check. */
  const offeredFirst = new Map<string, boolean>()
  const soldOut = new Map<string, boolean>()
  return (world) => {
    const now = world.time.ms()
    return world.events.flatMap(({ id }) => {
      const made = newOffers(world, id, known)
      const queue = queueOf(world, id)
      const isSoldOut = Boolean(world.database.ledgers.get(null, id)?.soldOutSince)
      const released = soldOut.get(id) && !isSoldOut ? automaticUnits(world, id) : 0
      soldOut.set(id, isSoldOut)
      const passedOver = queue.filter((entry) => {
        // Staff may have moved it in front of an offer that was just made.
        const place = placeOf(entry)
        const since = queuedSince.get(place) ?? now
        queuedSince.set(place, since)
        const isKnown = now - since >= KNOWN_AFTER_MS
        return isKnown && (entry.quantity <= released || made.some((offered) => passesOver(offered, entry)))
      })
      const queued = new Set(queue.map(placeOf))
      for (const entry of world.database.waitlistEntries.whereKey(null, 'eventId', id))
        if (!queued.has(placeOf(entry))) queuedSince.delete(placeOf(entry))
      const isFirst = isOfferedFirst(world, id)
      const wrong = made.filter(({ verifiedAt }) => verifiedAt === null || !(isFirst || offeredFirst.get(id)))
      offeredFirst.set(id, isFirst)
      return [
        ...passedOver.map((entry) => violation('QUEUE', `entry ${entry.id} for ${entry.quantity} is passed over`)),
        ...wrong.map((entry) => violation('OFFER', `entry ${entry.id} has an automatic offer that is not due`)),
      ]
    })
  }
}

const placeOf = ({ id, seq }: WaitlistEntryRow) => `${id} ${seq}`

const passesOver = (offered: WaitlistEntryRow, { seq, quantity }: WaitlistEntryRow) =>
  offered.seq > seq && offered.quantity >= quantity

/** Entries with an automatic offer that is made since the last check. */
function newOffers({ database }: World, eventId: string, known: Set<string>): WaitlistEntryRow[] {
  return database.waitlistEntries.whereKey(null, 'eventId', eventId).filter(({ holdId, state }) => {
    if (holdId === null || known.has(holdId)) return false
    known.add(holdId)
    return state === 'OFFERED' && database.operations.get(null, `hold:${holdId}:taken`)?.actor === null
  })
}
