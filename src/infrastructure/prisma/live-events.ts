import { DEFAULT_DURATION_MS, LIVE_AFTER_CLOSE_MS, LIVE_AFTER_END_MS } from '../../domain/events/event-state.js'
import { Prisma } from '../../generated/prisma/client.js'

const ago = (now: Date, ms: number) => new Date(now.getTime() - ms)

/** Compares the event's end with the instant before which events count as ended. */
function endComparedTo(now: Date, relation: 'gt' | 'lte'): Prisma.EventWhereInput {
  const end = ago(now, LIVE_AFTER_END_MS)
  return {
    OR: [{ endsAt: null, startsAt: { [relation]: ago(end, DEFAULT_DURATION_MS) } }, { endsAt: { [relation]: end } }],
  }
}

/** Events that all loops, polls, sweeps and nightly runs process: not ended, and not closed or only recently closed. */
export function liveEvents(now: Date): Prisma.EventWhereInput {
  const recentlyClosed = { OR: [{ closedSince: null }, { closedSince: { gt: ago(now, LIVE_AFTER_CLOSE_MS) } }] }
  return { AND: [endComparedTo(now, 'gt'), recentlyClosed] }
}

/** Live events that are not closed: tickets may still be sold. */
export function openEvents(now: Date): Prisma.EventWhereInput {
  return { AND: [endComparedTo(now, 'gt'), { closedSince: null }] }
}

/** Events in the state ENDED. */
export function endedEvents(now: Date): Prisma.EventWhereInput {
  return { AND: [endComparedTo(now, 'lte'), { closedSince: null }] }
}

/** Events whose listings are synced: live ones, and those closed earlier with a listing not confirmed as closed. */
export function syncedEvents(now: Date): Prisma.EventWhereInput {
  const notConfirmedClosed = {
    importedAt: { not: null },
    OR: [{ confirmedMode: { not: 'WAITLIST_ONLY' as const } }, { unconfirmedCap: { not: null } }],
  }
  return {
    OR: [liveEvents(now), { AND: [endComparedTo(now, 'gt'), { channels: { some: notConfirmedClosed } }] }],
  }
}

/** Channels that are read and written: of live events, and not detached to another event. */
export function liveChannels(now: Date): Prisma.ChannelWhereInput {
  return { detachedAt: null, event: liveEvents(now) }
}

const seconds = (ms: number) => Prisma.sql`${ms / 1_000} * interval '1 second'`

const notEnded = Prisma.sql`
  COALESCE(e.ends_at, e.starts_at + ${seconds(DEFAULT_DURATION_MS)}) > now() - ${seconds(LIVE_AFTER_END_MS)}`

/** `openEvents` as raw SQL; `e` is the alias of events. */
export const OPEN_EVENT = Prisma.sql`(e.closed_since IS NULL AND ${notEnded})`

/** `liveEvents` as raw SQL; `e` is the alias of events. */
export const LIVE_EVENT = Prisma.sql`((e.closed_since IS NULL OR e.closed_since > now() - ${seconds(LIVE_AFTER_CLOSE_MS)})
  AND ${notEnded})`
