import type { Prisma } from '../generated/prisma/client.js'
import { liveEvents } from '../inventory/live-events.js'

/** For so long after its start an event may have listings that are to be closed and do not confirm it. */
const CLOSING_PATIENCE_MS = 54 * 3_600_000

/** Events whose listings are driven: those that live, and those that ended with a listing not known to be closed. */
export function drivenEvents(now: Date): Prisma.EventWhereInput {
  const notKnownClosed = {
    importedAt: { not: null },
    OR: [{ confirmedMode: { not: 'WAITLIST_ONLY' as const } }, { unconfirmedCap: { not: null } }],
  }
  return {
    OR: [
      liveEvents(now),
      { startsAt: { gt: new Date(now.getTime() - CLOSING_PATIENCE_MS) }, channels: { some: notKnownClosed } },
    ],
  }
}
