import { StateConflict, ValidationFailed } from '../domain/errors.js'
import type { ChannelName, Prisma } from '../generated/prisma/client.js'
import { lockNumber } from '../infrastructure/locks/lock-number.js'
import { openEvents } from '../infrastructure/prisma/live-events.js'
import { PrismaTransaction, type Transaction } from '../infrastructure/prisma/transaction.js'
import type { Ledger } from '../stock/ledger.js'

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
  { ledger, holdsLedger = false }: ClaimOptions,
): Promise<void> {
  await tx.$executeRaw`SELECT set_config('lock_timeout', ${LOCK_TIMEOUT}, true)`
  const names = listings.map(({ platform, externalEventId }) => `listing:${platform}:${externalEventId}`)
  if (!holdsLedger) await lock(tx, names)
  else if (!(await tryLock(tx, names))) {
    throw new StateConflict('Another event is taking a listing of this event. Try again.')
  }
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
  const losers = new Set(claimed.map((channel) => channel.eventId))
  for (const loser of [...losers].toSorted()) {
    await ledger.join(new PrismaTransaction(tx), loser, async (locked) => {
      const lost = claimed.filter((channel) => channel.eventId === loser).map(({ id }) => id)
      await tx.channel.updateMany({
        where: { id: { in: lost } },
        data: { detachedAt: now, importedAt: now, ...DETACHED_STATE },
      })
      for (const channel of lost) locked.prove({ kind: 'CHANNEL_DETACHED', channel })
    })
  }
}

interface ClaimOptions {
  /** Where the events that lose a listing record it. */
  ledger: Ledger
  /**
   * The transaction has locked the event's ledger. It does not wait for a listing then: the transaction that has the
   * listing may be waiting for this ledger, to record that a channel is detached.
   */
  holdsLedger?: boolean
}

/** A whole listing overlaps with each of its ticket types. */
function overlap(a: ClaimedListing, b: ClaimedListing): boolean {
  if (a.platform !== b.platform || a.externalEventId !== b.externalEventId) return false
  const [one, other] = [a.externalTicketClassId ?? null, b.externalTicketClassId ?? null]
  return one === null || other === null || one === other
}

/** False: another transaction has one of the locks. */
async function tryLock(tx: Transaction, names: readonly string[]): Promise<boolean> {
  for (const name of new Set(names)) {
    const [row] = await tx.$queryRaw<{ locked: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(${lockNumber(name)}::bigint) AS locked`
    if (!row?.locked) return false
  }
  return true
}

/** In sorted order, so that two events claiming the same two listings do not deadlock. */
async function lock(tx: Transaction, names: readonly string[]): Promise<void> {
  for (const name of [...new Set(names)].toSorted()) {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${lockNumber(name)}::bigint)`
  }
}
