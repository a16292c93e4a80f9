import type { WaitlistEntryRow } from '../../src/adapters/memory/rows.js'
import type { World } from '../world/world.js'

/** The entries that are to be offered tickets next, in queue order: waiting, and their address has had no offer since. */
export function queueOf({ database }: World, eventId: string): WaitlistEntryRow[] {
  const entries = database.waitlistEntries.whereKey(null, 'eventId', eventId)
  const waiting = entries.filter((entry) => !entries.some((other) => excludes(other, entry)))
  return waiting.filter(({ state }) => state === 'WAITING').toSorted((a, b) => (a.seq < b.seq ? -1 : 1))
}

function excludes({ email, state, offeredAt }: WaitlistEntryRow, entry: WaitlistEntryRow): boolean {
  if (email !== entry.email || state === 'WAITING' || state === 'LEFT') return false
  return state === 'OFFERED' || (offeredAt !== null && offeredAt >= entry.createdAt)
}
