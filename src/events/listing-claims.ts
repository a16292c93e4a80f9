import { StateConflict, ValidationFailed } from '../domain/errors.js'
import type { ChannelName, Prisma } from '../generated/prisma/client.js'
import { lockNumber } from '../infrastructure/prisma/advisory-lock.js'
import { openEvents } from '../inventory/live-events.js'
import type { Transaction } from '../inventory/ledger.js'

/** A listing, or one ticket type of it. */
export interface ClaimedListing {
  platform: ChannelName
  externalEventId: string
  externalTicketClassId?: string | null
}

/** What was being written for the event that gives a listing up has ended by then, or this waits no longer. */
const WAIT = '10s'

/** Nothing is wanted of a channel that is given up, nor unknown about it. Its sold tickets stay counted. */
const GIVEN_UP = {
  desiredMode: 'WAITLIST_ONLY',
  desiredCap: 0,
  confirmedMode: 'WAITLIST_ONLY',
  confirmedCap: 0,
  pendingTickets: 0,
  unconfirmedCap: null,
  unconfirmedSince: null,
  needsSweepSince: null,
  syncError: null,
} satisfies Prisma.ChannelUpdateManyMutationInput

/** Throws ValidationFailed where two channels of one body would sell the same tickets. */
export function refuseOverlap(channels: readonly ClaimedListing[]): void {
  channels.forEach((channel, index) => {
    if (channels.slice(0, index).some((other) => overlap(channel, other))) {
      throw ValidationFailed.of(`channels.${index}`, 'is a listing, or part of one, that another channel has already')
    }
  })
}

/**
 * Gives the event these listings. Throws StateConflict while another open event drives one of them, or a part or the
 * whole of it; takes them off events that were closed or have ended. One event at a time asks for a listing, until the
 * transaction ends.
 */
export async function claimListings(
  tx: Transaction,
  eventId: string,
  listings: readonly ClaimedListing[],
  now: Date,
): Promise<void> {
  await tx.$executeRaw`SELECT set_config('lock_timeout', ${WAIT}, true)`
  await lock(
    tx,
    listings.map(({ platform, externalEventId }) => `listing:${platform}:${externalEventId}`),
  )
  const others = await tx.channel.findMany({
    where: {
      OR: listings.map(({ platform, externalEventId }) => ({ platform, externalEventId })),
      detachedAt: null,
      eventId: { not: eventId },
    },
  })
  const claimed = others.filter((other) => listings.some((listing) => overlap(listing, other)))
  if (claimed.length === 0) return
  const ids = claimed.map(({ id }) => id)
  const driven = await tx.channel.findFirst({ where: { id: { in: ids }, event: openEvents(now) } })
  if (driven) {
    throw new StateConflict(
      `The ${driven.platform} listing ${driven.externalEventId} belongs to another event already.`,
    )
  }
  // A write of its old event that is on its way would land on top of the first one of this event.
  await lock(
    tx,
    ids.map((id) => `channel:${id}`),
  )
  await tx.channel.updateMany({ where: { id: { in: ids } }, data: { detachedAt: now, importedAt: now, ...GIVEN_UP } })
}

/** A whole listing overlaps with each of its ticket types. */
function overlap(a: ClaimedListing, b: ClaimedListing): boolean {
  if (a.platform !== b.platform || a.externalEventId !== b.externalEventId) return false
  const [one, other] = [a.externalTicketClassId ?? null, b.externalTicketClassId ?? null]
  return one === null || other === null || one === other
}

/** In one order, so that two events that want the same two listings do not wait for each other. */
async function lock(tx: Transaction, names: readonly string[]): Promise<void> {
  for (const name of [...new Set(names)].toSorted()) {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${lockNumber(name)}::bigint)`
  }
}
