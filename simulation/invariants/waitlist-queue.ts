import type { WaitlistEntryRow } from '../../src/adapters/memory/rows.js'
import type { World } from '../world/world.js'

/** The entries that are to be offered tickets next, in queue order: waiting and verified, and their address has had no offer since. */
export function queueOf({ database }: World, eventId: string): WaitlistEntryRow[] {
  const entries = database.waitlistEntries.whereKey(null, 'eventId', eventId)
  const waiting = entries.filter((entry) => !entries.some((other) => excludes(other, entry)))
  return waiting
    .filter(({ state, verifiedAt }) => state === 'WAITING' && verifiedAt !== null)
    .toSorted((a, b) => (a.seq < b.seq ? -1 : 1))
}

/** Whether free units are offered to the waitlist: they are not on sale to everyone. */
export function isOfferedFirst({ database }: World, eventId: string): boolean {
  const event = database.events.get(null, eventId)
  return Boolean(event?.redAlarmSince ?? database.ledgers.get(null, eventId)?.soldOutSince)
}

function excludes({ email, state, offeredAt }: WaitlistEntryRow, entry: WaitlistEntryRow): boolean {
  if (email !== entry.email || state === 'WAITING' || state === 'LEFT') return false
  return state === 'OFFERED' || (offeredAt !== null && offeredAt >= entry.createdAt)
}
