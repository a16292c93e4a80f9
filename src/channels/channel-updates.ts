import { exposure, platformCount } from '../domain/caps/exposure.js'
import type { Channel } from '../domain/channel-record.js'
import type { ChannelReading, ConfirmedState } from '../platforms/port.js'
import { permitted, type ChannelState } from './channel-state.js'
import { countMatters, isCompleteCount, nextRecount, READ_LAG_MS } from './recount.js'

/** The unconfirmed write recorded before a new one started: it may still land after it. */
export type UnconfirmedWrite = Pick<Channel, 'unconfirmedCap' | 'unconfirmedSince' | 'unconfirmedMode'>

export type ChannelUpdate = Partial<
  Pick<
    Channel,
    | 'confirmedCap'
    | 'capUnlimited'
    | 'confirmedMode'
    | 'confirmedAt'
    | 'confirmedVersion'
    | 'pendingTickets'
    | 'platformSold'
    | 'unconfirmedCap'
    | 'unconfirmedSince'
    | 'unconfirmedMode'
    | 'uncountedSince'
    | 'uncountedCap'
    | 'raisedAt'
    | 'recountAt'
    | 'recounts'
    | 'syncError'
    | 'waitlistAvailable'
    | 'listingState'
  >
>

export interface ConfirmOptions {
  /** How long a write may still land after it was sent, ms. */
  settleMs: number
  /** The platform sends no webhooks. */
  polled?: boolean
  /** When the last request of the write was sent, and when its response arrived. Null or omitted: not known. */
  sentAt?: Date | null
  respondedAt?: Date | null
}

/** Whether a write that is unconfirmed may still take effect after one that starts at this instant. */
export function mayLandAfter(
  startedAt: Date,
  { unconfirmedCap, unconfirmedSince }: UnconfirmedWrite,
  settleMs: number,
): boolean {
  if (unconfirmedCap === null || unconfirmedSince === null) return false
  return unconfirmedSince.getTime() + settleMs > startedAt.getTime()
}

/**
 * Update for a confirmation of the newest write. One sent earlier may land after it, though not after the confirmation,
 * unless its time to land was over when this one started.
 */
export function confirmedUpdate(
  { before, version, startedAt }: { before: UnconfirmedWrite; version: number; startedAt: Date },
  state: ChannelState,
  confirmed: ConfirmedState,
  { settleMs, polled = false }: ConfirmOptions,
): ChannelUpdate {
  const mayLand = mayLandAfter(startedAt, before, settleMs)
  return {
    confirmedCap: confirmed.cap,
    capUnlimited: false,
    confirmedMode: confirmed.mode,
    confirmedAt: confirmed.confirmedAt,
    confirmedVersion: version,
    unconfirmedCap: mayLand ? before.unconfirmedCap : null,
    unconfirmedSince: mayLand ? before.unconfirmedSince : null,
    unconfirmedMode: null,
    syncError: null,
    ...(polled && isRaise(state, confirmed) ? { raisedAt: confirmed.confirmedAt } : {}),
    ...countUpdate(state, confirmed),
  }
}

function isRaise({ confirmedCap }: ChannelState, { cap, mode }: ConfirmedState): boolean {
  return mode === 'OPEN' && confirmedCap !== null && cap > confirmedCap
}

/** The count in the response; without one, a lowered cap is recorded as uncounted. */
function countUpdate(state: ChannelState, { cap, sold, pending, confirmedAt }: ConfirmedState): ChannelUpdate {
  const counted = { uncountedSince: null, uncountedCap: null }
  if (typeof sold === 'number') {
    const known = { ...state, confirmedCap: cap, uncountedCap: null, platformSold: sold, pending }
    return { ...counted, platformSold: sold, pendingTickets: pending, ...nextRecount(known, 0, confirmedAt) }
  }
  // Without a count of sold tickets, carts may only add to the known ones.
  const pendingTickets = Math.max(state.pending, pending)
  const before = exposure(state)
  const recountAt = new Date(confirmedAt.getTime() + READ_LAG_MS)
  if (cap >= before) {
    // A cancellation may have been read since the last count: at the same cap the platform sells that seat again.
    const matters = countMatters({ ...permitted(state, false), confirmedCap: cap })
    return { ...counted, pendingTickets, recountAt: matters ? recountAt : null, recounts: 0 }
  }
  return {
    pendingTickets,
    uncountedSince: confirmedAt,
    uncountedCap: before === Infinity ? null : before,
    recountAt,
    recounts: 0,
  }
}

/**
 * For a confirmation of a superseded write: which of the two writes landed last is unknown. Null: that is settled. A write
 * stays recorded as long as it may land, so that once this time is over, a response from within it, which a suspended
 * process records late, shows nothing about the present cap.
 */
export function supersededUpdate(
  current: Channel,
  confirmed: ConfirmedState,
  { settleMs, sentAt = null, respondedAt = null }: ConfirmOptions,
  now: Date,
): ChannelUpdate | null {
  const landedBy = sentAt === null ? Infinity : sentAt.getTime() + settleMs
  // The whole operation may have ended later: reads follow the last request, and a request that is blocked.
  const shownAt = respondedAt ?? confirmed.confirmedAt
  if (now.getTime() >= landedBy && shownAt.getTime() < landedBy) return null
  return {
    unconfirmedCap: Math.max(confirmed.cap, current.unconfirmedCap ?? 0),
    unconfirmedSince: now,
    unconfirmedMode: confirmed.mode,
  }
}

/** With no write in flight: a cap that does not limit the whole listing counts as unconfirmed until confirmed again. */
export function partialLimitUpdate(
  { unlimitedParts = [] }: Pick<ChannelReading, 'unlimitedParts'>,
  { confirmedCap, confirmedMode }: Pick<Channel, 'confirmedCap' | 'confirmedMode'>,
): Partial<UnconfirmedWrite> {
  return unlimitedParts.length === 0
    ? {}
    : { unconfirmedCap: confirmedCap, unconfirmedSince: null, unconfirmedMode: confirmedMode }
}

/** Records the sales reported with a refusal. An incomplete count lowers none, but at least that is sold. */
export function belowSoldUpdate(
  current: Channel,
  state: ChannelState,
  { sold, pending }: { sold: number; pending: number },
  now: Date,
): ChannelUpdate {
  const complete = isCompleteCount(current, state.sold, sold, now)
  if (!complete && sold + pending <= platformCount(state)) return {}
  const counted = complete ? { uncountedSince: null, uncountedCap: null } : {}
  const known = { ...state, ...(complete && { uncountedCap: null }), platformSold: sold, pending }
  return { ...counted, platformSold: sold, pendingTickets: pending, ...nextRecount(known, current.recounts, now) }
}
