import { Injectable } from '@nestjs/common'
import { detachedState } from '../channels/attachment.js'
import { ChannelStore } from '../channels/channel-store.js'
import type { Channel } from '../domain/channel-record.js'
import type { Platform } from '../domain/channel.js'
import { StateConflict, ValidationFailed } from '../domain/errors.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import { Transactions } from '../infrastructure/transactions.js'
import { traitsOf } from '../platforms/registry.js'
import { Ledger } from '../stock/ledger.js'

/** A listing, or one ticket type of it. */
export interface ClaimedListing {
  platform: Platform
  externalEventId: string
  externalTicketClassId?: string | null
  connectionId?: string
}

interface ClaimOptions {
  /**
   * The transaction has locked the event's ledger. It does not wait for a listing then: the transaction that has the
   * listing may be waiting for this ledger, to record that a channel is detached.
   */
  holdsLedger?: boolean
}

/** Maximum wait for a write in flight of the event that loses a listing. */
const LOCK_TIMEOUT_MS = 10_000

/** Throws ValidationFailed where two channels of one request would sell the same tickets. */
export function refuseOverlap(channels: readonly ClaimedListing[]): void {
  channels.forEach((channel, index) => {
    if (channels.slice(0, index).some((other) => overlap(channel, other))) {
      throw ValidationFailed.of(`channels.${index}`, 'is a listing, or part of one, that another channel already has')
    }
  })
}

/** Which event a listing belongs to: at most one open event at a time. */
@Injectable()
export class ListingClaims {
  constructor(
    private readonly channels: ChannelStore,
    private readonly transactions: Transactions,
    private readonly ledger: Ledger,
  ) {}

  /**
   * Claims listings for an event. Throws StateConflict while another open event has one of them, or a part or the whole of
   * it; detaches them from events that were closed or have ended. Claims of one listing are serialized until the
   * transaction ends.
   */
  async claim(
    transaction: DatabaseTransaction,
    eventId: string,
    listings: readonly ClaimedListing[],
    now: Date,
    { holdsLedger = false }: ClaimOptions = {},
  ): Promise<void> {
    const names = listings.map(({ platform, externalEventId }) => `listing:${platform}:${externalEventId}`)
    if (!holdsLedger) await this.transactions.lock(transaction, names, LOCK_TIMEOUT_MS)
    else if (!(await this.transactions.tryLock(transaction, names))) {
      throw new StateConflict('Another event is taking a listing of this event. Try again.')
    }
    const claimed = await this.claimedByOthers(transaction, eventId, listings)
    if (claimed.length === 0) return
    const ids = claimed.map(({ id }) => id)
    const [conflict] = await this.channels.matching(transaction, { ids, openAt: now })
    if (conflict) {
      throw new StateConflict(
        `The ${conflict.platform} listing ${conflict.externalEventId} already belongs to another event.`,
      )
    }
    // Waits for a write in flight of the old event, which would overwrite the first write of this event.
    const writes = ids.map((id) => `channel:${id}`)
    await this.transactions.lock(transaction, writes, LOCK_TIMEOUT_MS)
    const losers = new Set(claimed.map((channel) => channel.eventId))
    for (const loser of [...losers].toSorted()) {
      const lost = claimed.filter((channel) => channel.eventId === loser).map(({ id }) => id)
      await this.ledger.join(transaction, loser, async (locked) => {
        await this.channels.updateMatching(transaction, { ids: lost }, detachedState(now))
        for (const channel of lost) locked.prove({ kind: 'CHANNEL_DETACHED', channel })
      })
    }
  }

  private async claimedByOthers(
    transaction: DatabaseTransaction,
    eventId: string,
    listings: readonly ClaimedListing[],
  ): Promise<Channel[]> {
    const claimed: Channel[] = []
    for (const platform of new Set(listings.map((listing) => listing.platform))) {
      const onPlatform = listings.filter((listing) => listing.platform === platform)
      const externalEventIds = onPlatform.map(({ externalEventId }) => externalEventId)
      const channels = await this.channels.matching(transaction, { platform, externalEventIds, attached: true })
      const others = channels.filter((channel) => channel.eventId !== eventId)
      claimed.push(...others.filter((other) => onPlatform.some((listing) => overlap(listing, other))))
    }
    return claimed
  }
}

/** A whole listing overlaps with each of its ticket types. Without an API, each connection has names of its own. */
export function overlap(a: ClaimedListing, b: ClaimedListing): boolean {
  if (a.platform !== b.platform || a.externalEventId !== b.externalEventId) return false
  if (!traitsOf(a.platform).hasApi && a.connectionId !== b.connectionId) return false
  const [one, other] = [a.externalTicketClassId ?? null, b.externalTicketClassId ?? null]
  return one === null || other === null || one === other
}
