import { StateConflict, ValidationFailed } from '../domain/errors.js'
import type { ChannelName, Prisma } from '../generated/prisma/client.js'
import { lockNumber } from '../infrastructure/locks/lock-number.js'
import { openEvents } from '../infrastructure/prisma/live-events.js'
import type { Transaction } from '../infrastructure/prisma/transaction.js'

/** A listing, or one ticket type of it. */
export interface ClaimedListing {
  platform: ChannelName
  externalEventId: string
  externalTicketClassId?: string | null
}

/** Maximum wait for a write in flight of the event that loses a listing. */
const LOCK_TIMEOUT = '10s'

/** A detached channel has no desired state and nothing unconfirmed. Its sold tickets stay counted. */
const DETACHED_STATE = {
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

/** Throws ValidationFailed where two channels of one request would sell the same tickets. */
export function refuseOverlap(channels: readonly ClaimedListing[]): void {
  channels.forEach((channel, index) => {
    if (channels.slice(0, index).some((other) => overlap(channel, other))) {
      throw ValidationFailed.of(`channels.${index}`, 'is a listing, or part of one, that another channel already has')
    }
  })
}

/**
 * Claims listings for an event. Throws StateConflict while another open event has one of them, or a part or the whole of
 * it; detaches them from events that were closed or have ended. Claims of one listing are serialized until the
 * transaction ends.
 */
export async function claimListings(
  tx: Transaction,
  eventId: string,
  listings: readonly ClaimedListing[],
  now: Date,
): Promise<void> {
  await tx.$executeRaw`SELECT set_config('lock_timeout', ${LOCK_TIMEOUT}, true)`
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
  const conflict = await tx.channel.findFirst({ where: { id: { in: ids }, event: openEvents(now) } })
  if (conflict) {
    throw new StateConflict(
      `The ${conflict.platform} listing ${conflict.externalEventId} already belongs to another event.`,
    )
  }
  // Waits for a write in flight of the old event, which would overwrite the first write of this event.
  await lock(
    tx,
    ids.map((id) => `channel:${id}`),
  )
  await tx.channel.updateMany({
    where: { id: { in: ids } },
    data: { detachedAt: now, importedAt: now, ...DETACHED_STATE },
  })
}

/** A whole listing overlaps with each of its ticket types. */
function overlap(a: ClaimedListing, b: ClaimedListing): boolean {
  if (a.platform !== b.platform || a.externalEventId !== b.externalEventId) return false
  const [one, other] = [a.externalTicketClassId ?? null, b.externalTicketClassId ?? null]
  return one === null || other === null || one === other
}

/** In sorted order, so that two events claiming the same two listings do not deadlock. */
async function lock(tx: Transaction, names: readonly string[]): Promise<void> {
  for (const name of [...new Set(names)].toSorted()) {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${lockNumber(name)}::bigint)`
  }
}
