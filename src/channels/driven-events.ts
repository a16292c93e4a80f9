import type { Prisma } from '../generated/prisma/client.js'
import { liveEvents } from '../infrastructure/prisma/live-events.js'

/** How long after an event's start unconfirmed closings of its listings are still retried, ms. */
const MAX_CLOSING_WAIT_MS = 54 * 3_600_000

/** Events whose listings are synced: live ones, and those that ended with a listing not confirmed as closed. */
export function drivenEvents(now: Date): Prisma.EventWhereInput {
  const notConfirmedClosed = {
    importedAt: { not: null },
    OR: [{ confirmedMode: { not: 'WAITLIST_ONLY' as const } }, { unconfirmedCap: { not: null } }],
  }
  return {
    OR: [
      liveEvents(now),
      { startsAt: { gt: new Date(now.getTime() - MAX_CLOSING_WAIT_MS) }, channels: { some: notConfirmedClosed } },
    ],
  }
}
