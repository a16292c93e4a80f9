import { platformCount, type CapKnowledge } from '../domain/caps/exposure.js'
import type { ChannelMode } from '../domain/channel.js'
import type { Channel } from '../domain/channel-record.js'
import { traitsOf } from '../platforms/registry.js'

/** A reading may lag behind by up to this, ms: what it shows of a more recent change is not reliable. */
export const READ_LAG_MS = 3_000

/** Backoff before a platform count above our own is read again, ms. */
const FIRST_MS = 20_000
const MAX_MS = 300_000

type Counted = CapKnowledge & { desiredCap: number | null; desiredMode: ChannelMode }
export type Recount = Pick<Channel, 'recountAt' | 'recounts'>

/**
 * Whether a decrease of the platform's count would have an effect: the count exceeds our own, and it exceeds the
 * confirmed cap or prevents the desired one from being written. Carts below the cap are irrelevant.
 */
export function countMatters(known: Counted): boolean {
  const counted = platformCount(known)
  const desired = known.desiredMode === 'OPEN' ? (known.desiredCap ?? Infinity) : 0
  return counted > known.sold && counted > Math.min(known.confirmedCap ?? Infinity, desired)
}

/** A polled listing's cap was raised, and no read since then could show the resulting sales. */
export function isUnread({ raisedAt, lastPullAt }: Pick<Channel, 'raisedAt' | 'lastPullAt'>): boolean {
  return raisedAt !== null && (lastPullAt === null || lastPullAt.getTime() < raisedAt.getTime() + READ_LAG_MS)
}

/** Late enough after the last confirmation that a reading as of `asOf` shows that state or a newer one. */
export function isLate({ confirmedAt }: Pick<Channel, 'confirmedAt'>, asOf: Date): boolean {
  return asOf.getTime() >= (confirmedAt?.getTime() ?? 0) + READ_LAG_MS
}

type Noticed = Pick<Channel, 'platform' | 'lastWebhookAt' | 'lastPullAt'>

/**
 * A delivery about the listing has arrived and its orders were not read since. Where deliveries arrive all the time, a read
 * just before `asOf` is enough.
 */
export function hasUnreadDelivery({ lastWebhookAt, lastPullAt }: Noticed, asOf: Date): boolean {
  if (lastWebhookAt === null) return false
  const neededFrom = Math.min(lastWebhookAt.getTime(), asOf.getTime() - READ_LAG_MS)
  return lastPullAt === null || lastPullAt.getTime() < neededFrom
}

/** The platform derives its count from the list of orders, which is sometimes empty or truncated. */
export function isCountDerived({ platform }: Pick<Channel, 'platform'>): boolean {
  return !traitsOf(platform).countIsIndependent
}

/**
 * Whether a count as of `asOf` shows that no more is sold. A derived one does not if recorded orders lack in it (a cancellation
 * is recorded before it counts), or while a delivery may report a sale that neither the record nor the list shows.
 */
export function isCompleteCount(channel: Noticed, recorded: number, counted: number, asOf: Date): boolean {
  return !isCountDerived(channel) || (counted >= recorded && !hasUnreadDelivery(channel, asOf))
}

/** The platform's count should be read now. */
export function isRecountDue({ recountAt }: Pick<Channel, 'recountAt'>, now: Date): boolean {
  return recountAt !== null && now >= recountAt
}

/** When to read the platform's count again, after `recounts` reads that did not resolve it. */
export function nextRecount(known: Counted, recounts: number, now: Date): Recount {
  const uncounted = (known.uncountedCap ?? null) !== null
  if (!uncounted && !countMatters(known)) return { recountAt: null, recounts: 0 }
  const pause = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(recounts, 10))
  return { recountAt: new Date(now.getTime() + pause), recounts: recounts + 1 }
}

/**
 * A new desired state (in `known`) that the platform's last count prevents: that count may be older than cancellations that
 * did not matter until now, so it is repeated at once. Null: no count is needed, or one is scheduled.
 */
export function recountForDesired(
  { recountAt }: Pick<Channel, 'recountAt'>,
  known: Counted,
  now: Date,
): Recount | null {
  return recountAt === null && countMatters(known) ? { recountAt: now, recounts: 0 } : null
}
