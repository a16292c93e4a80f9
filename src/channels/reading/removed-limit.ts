import type { Channel } from '../../domain/channel-record.js'
import type { ListingObservation } from '../../platforms/port.js'
import { isListingEnded } from '../channel-state.js'
import type { UnconfirmedWrite } from '../channel-updates.js'

/** Closing may remove a limit (Meetup). Nothing is sold there while it is closed. */
export function isLimitRemoved({ cap, mode }: Pick<ListingObservation, 'cap' | 'mode'>): boolean {
  return cap === 'UNLIMITED' && mode === 'WAITLIST_ONLY'
}

/**
 * For a sold-out listing that closing has left without a limit: its cap counts as unconfirmed, and is written again. Nothing
 * else would open the listing, since it has no ticket to sell; but closed it has no waitlist, and opened manually it would
 * have no limit. Others are opened with a cap, or stay closed.
 */
export function removedLimitUpdate(channel: Channel): Partial<UnconfirmedWrite> {
  const { confirmedCap, confirmedMode } = channel
  return isConfirmedAsClosed(channel) && shouldBeOpen(channel) && isSoldOut(channel)
    ? { unconfirmedCap: confirmedCap, unconfirmedSince: null, unconfirmedMode: confirmedMode }
    : {}
}

function isConfirmedAsClosed({ importedAt, confirmedCap, confirmedMode, unconfirmedCap }: Channel): boolean {
  return importedAt !== null && confirmedCap !== null && confirmedMode === 'WAITLIST_ONLY' && unconfirmedCap === null
}

function shouldBeOpen(channel: Channel): boolean {
  const { desiredMode, pausedSince, needsSweepSince } = channel
  return desiredMode === 'OPEN' && pausedSince === null && needsSweepSince === null && !isListingEnded(channel)
}

/** By the platform's own count. */
function isSoldOut({ desiredCap, platformSold, pendingTickets }: Channel): boolean {
  return desiredCap !== null && (platformSold ?? 0) + pendingTickets >= Math.max(1, desiredCap)
}
