import { exposure } from '../domain/exposure.js'
import type { Channel } from '../generated/prisma/client.js'
import type { ChannelReading, ConfirmedState } from '../platforms/port.js'
import type { ChannelState } from './channel-state.js'
import { nextRecount, READ_LAG_MS } from './recount.js'

/** What was outstanding before a write began: it may still land after it. */
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
  /** For so long a write sent earlier may still land. */
  settleMs: number
  /** The platform tells of no sale by itself. */
  polled?: boolean
}

/** What a platform confirmed for the newest write. */
export function confirmedUpdate(
  { before, version }: { before: UnconfirmedWrite; version: number },
  standing: ChannelState,
  state: ConfirmedState,
  { settleMs, polled = false }: ConfirmOptions,
): ChannelUpdate {
  const { unconfirmedCap: cap, unconfirmedSince: since } = before
  const mayLand = cap !== null && since !== null && since.getTime() + settleMs > Date.now()
  return {
    confirmedCap: state.cap,
    capUnlimited: false,
    confirmedMode: state.mode,
    confirmedAt: state.confirmedAt,
    confirmedVersion: version,
    unconfirmedCap: mayLand ? cap : null,
    unconfirmedSince: mayLand ? since : null,
    unconfirmedMode: null,
    syncError: null,
    ...(polled && isRaise(standing, state) ? { raisedAt: state.confirmedAt } : {}),
    ...countUpdate(standing, state),
  }
}

function isRaise({ confirmedCap }: ChannelState, { cap, mode }: ConfirmedState): boolean {
  return mode === 'OPEN' && confirmedCap !== null && cap > confirmedCap
}

/** What the answer counted; else, where the cap went down, that nobody has counted since. */
function countUpdate(standing: ChannelState, { cap, sold, pending, confirmedAt }: ConfirmedState): ChannelUpdate {
  const counted = { uncountedSince: null, uncountedCap: null }
  if (typeof sold === 'number') {
    const known = { ...standing, confirmedCap: cap, uncountedCap: null, platformSold: sold, pending }
    return { ...counted, platformSold: sold, pendingTickets: pending, ...nextRecount(known, 0, confirmedAt) }
  }
  // Carts that are not counted with what is sold may only add to those known.
  const pendingTickets = Math.max(standing.pending, pending)
  const before = exposure(standing)
  if (cap >= before) return { ...counted, pendingTickets, recountAt: null, recounts: 0 }
  return {
    pendingTickets,
    uncountedSince: confirmedAt,
    uncountedCap: before === Infinity ? null : before,
    recountAt: new Date(confirmedAt.getTime() + READ_LAG_MS),
    recounts: 0,
  }
}

/** Which of the two writes landed last is not known. */
export function overtakenUpdate(current: Channel, state: ConfirmedState): ChannelUpdate {
  return {
    unconfirmedCap: Math.max(state.cap, current.unconfirmedCap ?? 0),
    unconfirmedSince: new Date(),
    unconfirmedMode: state.mode,
  }
}

/** Nothing is on its way; where the cap does not limit all of its listing, it counts as unanswered until it is confirmed again. */
export function limitedAgain(
  { unlimitedParts = [] }: Pick<ChannelReading, 'unlimitedParts'>,
  { confirmedCap, confirmedMode }: Pick<Channel, 'confirmedCap' | 'confirmedMode'>,
): Partial<UnconfirmedWrite> {
  return unlimitedParts.length === 0
    ? {}
    : { unconfirmedCap: confirmedCap, unconfirmedSince: null, unconfirmedMode: confirmedMode }
}

/** What a refusal told of sales there. */
export function belowSoldUpdate(
  standing: ChannelState,
  { sold, pending }: { sold: number; pending: number },
  recounts: number,
): ChannelUpdate {
  const known = { ...standing, platformSold: sold, pending, uncountedCap: null }
  const counted = { uncountedSince: null, uncountedCap: null, platformSold: sold, pendingTickets: pending }
  return { ...counted, ...nextRecount(known, recounts, new Date()) }
}
