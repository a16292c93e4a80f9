import { platformCount, type CapKnowledge } from '../domain/exposure.js'
import type { ChannelMode } from '../domain/channel.js'
import type { Channel } from '../generated/prisma/client.js'

/** A reading may run behind by so much, ms: what it shows of a change that is younger proves nothing. */
export const READ_LAG_MS = 3_000

/** Pause before what a platform counts above our own count is read again, ms, doubling up to the second figure. */
const FIRST_MS = 20_000
const MAX_MS = 300_000

type Counted = CapKnowledge & { desiredCap: number | null; desiredMode: ChannelMode }
export type Recount = Pick<Channel, 'recountAt' | 'recounts'>

/**
 * Whether it changes anything when the platform's count goes down: it shows more than we know of, and that is more
 * than a cap allows, or keeps a wanted one from being written. Carts below the cap are nobody's business.
 */
export function countMatters(known: Counted): boolean {
  const counted = platformCount(known)
  const wanted = known.desiredMode === 'OPEN' ? (known.desiredCap ?? Infinity) : 0
  return counted > known.sold && counted > Math.min(known.confirmedCap ?? Infinity, wanted)
}

/** A polled listing was raised, and no read since could show whom that let in. */
export function isUnread({ raisedAt, lastPullAt }: Pick<Channel, 'raisedAt' | 'lastPullAt'>): boolean {
  return raisedAt !== null && (lastPullAt === null || lastPullAt.getTime() < raisedAt.getTime() + READ_LAG_MS)
}

/** The platform's count is to be read now. */
export function isRecountDue({ recountAt }: Pick<Channel, 'recountAt'>, now = Date.now()): boolean {
  return recountAt !== null && now >= recountAt.getTime()
}

/** When to read the platform's count again, after it was read `recounts` times without an end to it. */
export function nextRecount(known: Counted, recounts: number, now: Date): Recount {
  const uncounted = (known.uncountedCap ?? null) !== null
  if (!uncounted && !countMatters(known)) return { recountAt: null, recounts: 0 }
  const pause = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(recounts, 10))
  return { recountAt: new Date(now.getTime() + pause), recounts: recounts + 1 }
}
