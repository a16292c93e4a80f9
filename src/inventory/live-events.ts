import { AFTER_END_MS, CLOSING_MS, DEFAULT_LENGTH_MS } from '../domain/event-state.js'
import { Prisma } from '../generated/prisma/client.js'

const ago = (now: Date, ms: number) => new Date(now.getTime() - ms)

/** Ended in the given relation to the instant before which an event is over. */
function endComparedTo(now: Date, relation: 'gt' | 'lte'): Prisma.EventWhereInput {
  const end = ago(now, AFTER_END_MS)
  return {
    OR: [{ endsAt: null, startsAt: { [relation]: ago(end, DEFAULT_LENGTH_MS) } }, { endsAt: { [relation]: end } }],
  }
}

/** Events that every loop, poll, sweep and night looks at: not ended, and not closed or closed lately. */
export function liveEvents(now: Date): Prisma.EventWhereInput {
  const lately = { OR: [{ closedSince: null }, { closedSince: { gt: ago(now, CLOSING_MS) } }] }
  return { AND: [endComparedTo(now, 'gt'), lately] }
}

/** Of the live events those that are not closed: something may still be sold. */
export function openEvents(now: Date): Prisma.EventWhereInput {
  return { AND: [endComparedTo(now, 'gt'), { closedSince: null }] }
}

/** Events of the state ENDED. */
export function endedEvents(now: Date): Prisma.EventWhereInput {
  return { AND: [endComparedTo(now, 'lte'), { closedSince: null }] }
}

/** Channels that are read and driven: of live events, and not given up to another event. */
export function liveChannels(now: Date): Prisma.ChannelWhereInput {
  return { detachedAt: null, event: liveEvents(now) }
}

const seconds = (ms: number) => Prisma.sql`${ms / 1_000} * interval '1 second'`

const lasts = Prisma.sql`
  COALESCE(e.ends_at, e.starts_at + ${seconds(DEFAULT_LENGTH_MS)}) > now() - ${seconds(AFTER_END_MS)}`

/** The same as `openEvents`, for raw statements in which `e` names the events. */
export const OPEN_EVENT = Prisma.sql`(e.closed_since IS NULL AND ${lasts})`

/** The same as `liveEvents`. */
export const LIVE_EVENT = Prisma.sql`((e.closed_since IS NULL OR e.closed_since > now() - ${seconds(CLOSING_MS)})
  AND ${lasts})`
