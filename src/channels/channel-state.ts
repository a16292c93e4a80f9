import { allocated, sold, unitsOf, type Balances } from '../domain/stock/ledger-account.js'
import type { Platform, ChannelRef } from '../domain/channel.js'
import { exposure } from '../domain/caps/exposure.js'
import { hasUncoveredChannel, type KnownChannel } from '../domain/caps/follow-exposure.js'
import type { ChannelCapState } from '../domain/caps/next-write.js'
import type { Channel } from '../domain/channel-record.js'
import { traitsOf } from '../platforms/registry.js'
import { isUnread } from './recount.js'

export type ChannelState = ChannelCapState &
  KnownChannel & {
    platform: Platform
    needsSweep: boolean
    paused: boolean
    /** The listing was cancelled on the platform, or has ended there. */
    listingEnded: boolean
  }

/** In order of creation: ids grow with time. */
export function byListingOrder<Listed extends ChannelRef>(channels: readonly Listed[]): Listed[] {
  return channels.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Maps a channel row and the event's balances to the state that the domain rules take. */
export function channelStateOf(channel: Channel, balances: Balances): ChannelState {
  return {
    id: channel.id,
    platform: channel.platform,
    confirmedCap: channel.confirmedCap,
    unconfirmedCap: channel.unconfirmedCap,
    uncountedCap: channel.uncountedSince === null ? null : (channel.uncountedCap ?? Infinity),
    sold: unitsOf(balances, sold(channel)),
    pending: channel.pendingTickets,
    platformSold: channel.platformSold,
    desiredCap: channel.desiredCap,
    minCap: traitsOf(channel.platform).minCap,
    desiredMode: channel.desiredMode,
    confirmedMode: channel.confirmedMode,
    unconfirmed: channel.unconfirmedMode !== null,
    unread: isUnread(channel),
    allocated: unitsOf(balances, allocated(channel)),
    needsSweep: channel.needsSweepSince !== null,
    paused: channel.pausedSince !== null,
    listingEnded: isListingEnded(channel),
  }
}

export function isListingEnded({ listingState }: Pick<Channel, 'listingState'>): boolean {
  return listingState === 'CANCELLED' || listingState === 'ENDED'
}

/** True while a platform can sell more than its allocation: it may sell the free units, so that direct sales must not. */
export function mayPlatformsSellFreeUnits(channels: readonly Channel[], balances: Balances): boolean {
  return hasUncoveredChannel(
    balances,
    channels.map((channel) => channelStateOf(channel, balances)),
  )
}

/** The state with what may be written now: only a closing in fail-safe mode, and until the sales since then are read. */
export function permitted(state: ChannelState, failSafe: boolean): ChannelState {
  const { needsSweep, paused, listingEnded } = state
  return failSafe || needsSweep || paused || listingEnded ? { ...state, desiredMode: 'WAITLIST_ONLY' } : state
}

/** Units that desired caps need beyond what the channels may sell now. */
export function unmetGrowth(states: readonly ChannelState[]): number {
  return states
    .filter(({ desiredMode }) => desiredMode === 'OPEN')
    .reduce((sum, state) => sum + Math.max(0, growthOf(state)), 0)
}

/** While a platform's cap is unknown its exposure is unbounded, but its share is still needed. */
function growthOf(state: ChannelState): number {
  const { desiredCap, confirmedCap, sold, allocated: own } = state
  if (desiredCap === null) return 0
  return desiredCap - (confirmedCap === null ? sold + own : exposure(state))
}
