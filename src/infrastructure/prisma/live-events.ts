import { DEFAULT_DURATION_MS, LIVE_AFTER_CLOSE_MS, LIVE_AFTER_END_MS } from '../../domain/events/event-state.js'
import { Prisma } from '../../generated/prisma/client.js'

const ago = (now: Date, ms: number) => new Date(now.getTime() - ms)

/**
 * Compares the event's end with the instant before which events count as ended. One condition per index (see the
 * migrations): callers combine each with a condition on `closedSince`, so that the database reads live events only.
 */
function endComparedTo(now: Date, relation: 'gt' | 'lte'): Prisma.EventWhereInput[] {
  const end = ago(now, LIVE_AFTER_END_MS)
  return [{ endsAt: null, startsAt: { [relation]: ago(end, DEFAULT_DURATION_MS) } }, { endsAt: { [relation]: end } }]
}

/** Events that have not ended, and for which one of the conditions on `closedSince` is true. */
function notEndedWith(now: Date, ...closed: readonly Prisma.EventWhereInput[]): Prisma.EventWhereInput {
  return { OR: closed.flatMap((condition) => endComparedTo(now, 'gt').map((end) => ({ ...condition, ...end }))) }
}

/** Events that all loops, polls, sweeps and nightly runs process: not ended, and not closed or only recently closed. */
export function liveEvents(now: Date): Prisma.EventWhereInput {
  return notEndedWith(now, { closedSince: null }, { closedSince: { gt: ago(now, LIVE_AFTER_CLOSE_MS) } })
}

/** Live events that are not closed: tickets may still be sold. */
export function openEvents(now: Date): Prisma.EventWhereInput {
  return notEndedWith(now, { closedSince: null })
}

/** Events in the state ENDED. */
export function endedEvents(now: Date): Prisma.EventWhereInput {
  return { AND: [{ OR: endComparedTo(now, 'lte') }, { closedSince: null }] }
}

/** Events whose listings are synced: live ones, and those closed earlier with a listing not confirmed as closed. */
export function syncedEvents(now: Date): Prisma.EventWhereInput {
  const notConfirmedClosed = {
    importedAt: { not: null },
    OR: [{ confirmedMode: { not: 'WAITLIST_ONLY' as const } }, { unconfirmedCap: { not: null } }],
  }
  const synced = [{ closedSince: { gt: ago(now, LIVE_AFTER_CLOSE_MS) } }, { channels: { some: notConfirmedClosed } }]
  return notEndedWith(now, { closedSince: null }, { closedSince: { not: null }, AND: [{ OR: synced }] })
}

/** Channels that are read and written: of live events, and not detached to another event. */
export function liveChannels(now: Date): Prisma.ChannelWhereInput {
  return { detachedAt: null, event: liveEvents(now) }
}

const seconds = (ms: number) => Prisma.sql`${ms / 1_000} * interval '1 second'`

/** One condition per index, as above. */
const NOT_ENDED = Prisma.sql`(
  (e.ends_at IS NULL AND e.starts_at > now() - ${seconds(LIVE_AFTER_END_MS + DEFAULT_DURATION_MS)})
  OR e.ends_at > now() - ${seconds(LIVE_AFTER_END_MS)})`

/** `openEvents` as raw SQL; `e` is the alias of events. */
export const OPEN_EVENT = Prisma.sql`(e.closed_since IS NULL AND ${NOT_ENDED})`

/** `liveEvents` as raw SQL; `e` is the alias of events. */
export const LIVE_EVENT = Prisma.sql`(
  (e.closed_since IS NULL AND e.ends_at IS NULL
    AND e.starts_at > now() - ${seconds(LIVE_AFTER_END_MS + DEFAULT_DURATION_MS)})
  OR (e.closed_since IS NULL AND e.ends_at > now() - ${seconds(LIVE_AFTER_END_MS)})
  OR (e.closed_since > now() - ${seconds(LIVE_AFTER_CLOSE_MS)} AND ${NOT_ENDED}))`

/** When an event that is no longer processed ended; null: it is. As raw SQL; `e` is the alias of events. */
export const ENDED_AT = Prisma.sql`
  CASE WHEN NOT COALESCE(${NOT_ENDED}, false) THEN COALESCE(e.ends_at, e.starts_at + ${seconds(DEFAULT_DURATION_MS)}) END`
