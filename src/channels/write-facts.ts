import { exposure } from '../domain/exposure.js'
import type { Channel } from '../generated/prisma/client.js'
import type { ChannelReading, ConfirmedState } from '../platforms/port.js'
import type { Standing } from './channel-standing.js'
import { nextRecount, READ_LAG_MS } from './recount.js'

/** What was outstanding before a write began: it may still land after it. */
export type Outstanding = Pick<Channel, 'unsettledCap' | 'unsettledSince' | 'unsettledMode'>

export type ChannelFacts = Partial<
  Pick<
    Channel,
    | 'confirmedCap'
    | 'capUnlimited'
    | 'confirmedMode'
    | 'confirmedAt'
    | 'confirmedVersion'
    | 'pendingTickets'
    | 'platformSold'
    | 'unsettledCap'
    | 'unsettledSince'
    | 'unsettledMode'
    | 'uncountedSince'
    | 'uncountedCap'
    | 'raisedAt'
    | 'recountAt'
    | 'recounts'
    | 'trouble'
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
export function confirmedFacts(
  { before, version }: { before: Outstanding; version: number },
  standing: Standing,
  state: ConfirmedState,
  { settleMs, polled = false }: ConfirmOptions,
): ChannelFacts {
  const { unsettledCap: cap, unsettledSince: since } = before
  const mayLand = cap !== null && since !== null && since.getTime() + settleMs > Date.now()
  return {
    confirmedCap: state.cap,
    capUnlimited: false,
    confirmedMode: state.mode,
    confirmedAt: state.confirmedAt,
    confirmedVersion: version,
    unsettledCap: mayLand ? cap : null,
    unsettledSince: mayLand ? since : null,
    unsettledMode: null,
    trouble: null,
    ...(polled && isRaise(standing, state) ? { raisedAt: state.confirmedAt } : {}),
    ...countFacts(standing, state),
  }
}

function isRaise({ confirmedCap }: Standing, { cap, mode }: ConfirmedState): boolean {
  return mode === 'OPEN' && confirmedCap !== null && cap > confirmedCap
}

/** What the answer counted; else, where the cap went down, that nobody has counted since. */
function countFacts(standing: Standing, { cap, sold, pending, confirmedAt }: ConfirmedState): ChannelFacts {
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
export function overtakenFacts(current: Channel, state: ConfirmedState): ChannelFacts {
  return {
    unsettledCap: Math.max(state.cap, current.unsettledCap ?? 0),
    unsettledSince: new Date(),
    unsettledMode: state.mode,
  }
}

/** Nothing is on its way; where the cap does not limit all of its listing, it counts as unanswered until it is confirmed again. */
export function limitedAgain(
  { unlimitedParts = [] }: Pick<ChannelReading, 'unlimitedParts'>,
  { confirmedCap, confirmedMode }: Pick<Channel, 'confirmedCap' | 'confirmedMode'>,
): Partial<Outstanding> {
  return unlimitedParts.length === 0
    ? {}
    : { unsettledCap: confirmedCap, unsettledSince: null, unsettledMode: confirmedMode }
}

/** What a refusal told of sales there. */
export function outsoldFacts(
  standing: Standing,
  { sold, pending }: { sold: number; pending: number },
  recounts: number,
): ChannelFacts {
  const known = { ...standing, platformSold: sold, pending, uncountedCap: null }
  const counted = { uncountedSince: null, uncountedCap: null, platformSold: sold, pendingTickets: pending }
  return { ...counted, ...nextRecount(known, recounts, new Date()) }
}
