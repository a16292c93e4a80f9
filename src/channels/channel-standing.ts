import { allocated, sold, type Balances } from '../domain/account.js'
import type { Platform } from '../domain/channel.js'
import { exposure } from '../domain/exposure.js'
import type { KnownChannel } from '../domain/follow.js'
import type { ChannelStanding } from '../domain/next-write.js'
import type { Channel } from '../generated/prisma/client.js'

export type Standing = ChannelStanding & KnownChannel & { needsSweep: boolean; paused: boolean }

/** As the organiser listed them; ids grow with time. */
export function inOrder(channels: readonly Channel[]): Channel[] {
  return channels.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** A channel row and the event's balances, as the rules of the domain see them. */
export function standingOf(channel: Channel, balances: Balances): Standing {
  const platform = channel.platform as Platform
  return {
    platform,
    confirmedCap: channel.confirmedCap,
    unsettledCap: channel.unsettledCap,
    sold: balances[sold(platform)],
    pending: channel.pendingTickets,
    platformSold: channel.platformSold,
    desiredCap: channel.desiredCap,
    desiredMode: channel.desiredMode,
    confirmedMode: channel.confirmedMode,
    allocated: balances[allocated(platform)],
    needsSweep: channel.needsSweepSince !== null,
    paused: channel.pausedSince !== null,
  }
}

/** What may be written now: nothing but the closing in fail-safe mode, and until the sales since then are read. */
export function permitted(standing: Standing, failSafe: boolean): Standing {
  return failSafe || standing.needsSweep || standing.paused ? { ...standing, desiredMode: 'WAITLIST_ONLY' } : standing
}

/** Units that channels want beyond what they may sell now. */
export function unmetGrowth(standings: readonly Standing[]): number {
  return standings
    .filter(({ desiredMode, desiredCap }) => desiredMode === 'OPEN' && desiredCap !== null)
    .map((standing) => (standing.desiredCap ?? 0) - exposure(standing))
    .filter((growth) => growth > 0 && growth !== Infinity)
    .reduce((sum, growth) => sum + growth, 0)
}
