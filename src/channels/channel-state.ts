import { allocated, sold, type Balances } from '../domain/ledger-account.js'
import type { Platform } from '../domain/channel.js'
import { exposure } from '../domain/exposure.js'
import type { KnownChannel } from '../domain/follow-exposure.js'
import type { ChannelCapState } from '../domain/next-write.js'
import type { Channel } from '../generated/prisma/client.js'
import { isUnread } from './recount.js'

export type ChannelState = ChannelCapState &
  KnownChannel & {
    needsSweep: boolean
    paused: boolean
    /** The platform itself has called the listing off, or ended it. */
    over: boolean
  }

/** As the organiser listed them; ids grow with time. */
export function byListingOrder(channels: readonly Channel[]): Channel[] {
  return channels.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** A channel row and the event's balances, as the rules of the domain see them. */
export function channelStateOf(channel: Channel, balances: Balances): ChannelState {
  const platform = channel.platform as Platform
  return {
    platform,
    confirmedCap: channel.confirmedCap,
    unconfirmedCap: channel.unconfirmedCap,
    uncountedCap: channel.uncountedSince === null ? null : (channel.uncountedCap ?? Infinity),
    sold: balances[sold(platform)],
    pending: channel.pendingTickets,
    platformSold: channel.platformSold,
    desiredCap: channel.desiredCap,
    desiredMode: channel.desiredMode,
    confirmedMode: channel.confirmedMode,
    unconfirmed: channel.unconfirmedMode !== null,
    unread: isUnread(channel),
    allocated: balances[allocated(platform)],
    needsSweep: channel.needsSweepSince !== null,
    paused: channel.pausedSince !== null,
    over: channel.listingState === 'CANCELLED' || channel.listingState === 'ENDED',
  }
}

/** What may be written now: nothing but the closing in fail-safe mode, and until the sales since then are read. */
export function permitted(standing: ChannelState, failSafe: boolean): ChannelState {
  const { needsSweep, paused, over } = standing
  return failSafe || needsSweep || paused || over ? { ...standing, desiredMode: 'WAITLIST_ONLY' } : standing
}

/** Units that channels want beyond what they may sell now. */
export function unmetGrowth(standings: readonly ChannelState[]): number {
  return standings
    .filter(({ desiredMode }) => desiredMode === 'OPEN')
    .reduce((sum, standing) => sum + Math.max(0, growthOf(standing)), 0)
}

/** While a platform's cap is unknown its exposure has no bound, but its share is still wanted. */
function growthOf(standing: ChannelState): number {
  const { desiredCap, confirmedCap, sold, allocated: own } = standing
  if (desiredCap === null) return 0
  return desiredCap - (confirmedCap === null ? sold + own : exposure(standing))
}
