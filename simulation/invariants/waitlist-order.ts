import type { WaitlistEntryRow } from '../../src/adapters/memory/rows.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation } from './violation.js'
import { queueOf } from './waitlist-queue.js'

/** Longer than the transaction of an offer may last, ms: it does not see who has joined since it has started. */
const KNOWN_AFTER_MS = 30_000

/** QUEUE: no entry is passed over by an automatic offer of at least as many tickets to one behind it. */
export function waitlistOrderInvariant(): Invariant {
  const queuedSince = new Map<string, number>()
  const known = new Set<string>()
  return (world) => {
    const now = world.time.ms()
    return world.events.flatMap(({ id }) => {
      const made = newOffers(world, id, known)
      const queue = queueOf(world, id)
      const passedOver = queue.filter((entry) => {
        const since = queuedSince.get(entry.id) ?? now
        queuedSince.set(entry.id, since)
        return now - since >= KNOWN_AFTER_MS && made.some((offered) => passesOver(offered, entry))
      })
      const queued = new Set(queue.map((entry) => entry.id))
      for (const entry of world.database.waitlistEntries.whereKey(null, 'eventId', id))
        if (!queued.has(entry.id)) queuedSince.delete(entry.id)
      return passedOver.map((entry) => violation('QUEUE', `entry ${entry.id} for ${entry.quantity} is passed over`))
    })
  }
}

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
