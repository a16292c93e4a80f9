import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { attachmentOf, detachedState, MAX_CHANNELS, NOT_IMPORTED } from '../channels/attachment.js'
import { ChannelStore, type NewChannel } from '../channels/channel-store.js'
import { DesiredState } from '../channels/desired-state.js'
import { CapWriteJournal } from '../channels/sync/cap-write-journal.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import type { Channel } from '../domain/channel-record.js'
import { eventNotFound, StateConflict } from '../domain/errors.js'
import { hasEnded } from '../domain/events/event-state.js'
import { ListingClaims, overlap } from '../events/listing-claims.js'
import { newId } from '../infrastructure/ids.js'
import { Clock } from '../infrastructure/time/clock.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import { Transactions } from '../infrastructure/transactions.js'
import { ChannelConnections } from '../connections/channel-connections.js'
import { traitsOf } from '../platforms/registry.js'
import { EventStore, type EventWithChannels } from '../stock/event-store.js'
import { EventUnknown, Ledger, type LockedEvent } from '../stock/ledger.js'
import { provenChannel } from '../stock/proof/started-fact.js'
import { Stock } from '../stock/stock.js'
import { channelIn, ChannelLookup } from './channel-lookup.js'

/** Maximum wait for a write in flight of the channel. */
const LOCK_TIMEOUT_MS = 10_000

export type NewListing = Omit<NewChannel, 'id' | 'connectionId'> & { connectionId?: string }
type ConnectedListing = Omit<NewChannel, 'id'>

/** Why a channel is detached. */
export interface DetachRequest {
  reason: string
  /** By the operator's word, nothing more can be sold there: it is detached at once, without the platform's confirmation. */
  soldOnly: boolean
}

/** The listings that an event has, which may change while it is on sale. */
@Injectable()
export class ChannelListings {
  constructor(
    private readonly transactions: Transactions,
    private readonly events: EventStore,
    private readonly channels: ChannelStore,
    private readonly lookup: ChannelLookup,
    private readonly connections: ChannelConnections,
    private readonly claims: ListingClaims,
    private readonly ledger: Ledger,
    private readonly stock: Stock,
    private readonly desired: DesiredState,
    private readonly writes: CapWriteJournal,
    private readonly jobs: ChannelJobs,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * Adds a listing; the units are split by weight again, and its import follows. Until then its exposure is unbounded, so
   * that nothing else grows. A listing that the event had before is the same channel again, with its sales. Throws
   * NotFound; StateConflict when the event is over, or a channel of it or another event has the listing or a part of it.
   */
  async attach(eventId: string, request: NewListing, user: AuthenticatedUser): Promise<Channel> {
    const now = this.clock.now()
    const listing = { ...request, connectionId: this.connections.idFor(request, 'connectionId') }
    try {
      const attached = await this.stock.transact(eventId, async (tx) => {
        const event = await this.openEvent(tx.transaction, eventId)
        await this.claims.claim(tx.transaction, eventId, [listing], now, { holdsLedger: true })
        const channel = await this.place(tx.transaction, event, listing)
        tx.prove({ kind: 'CHANNEL_ATTACHED', state: provenChannel(channel) })
        const channels = [...event.channels.filter(({ id }) => id !== channel.id), channel]
        await this.desired.replan(tx, event, channels)
        await tx.post(this.desired.directShare(tx, event, channels, null))
        await this.audit.record(user.id, 'channel.attach', channel.id, null, { eventId, ...request }, tx.transaction)
        return channel
      })
      this.jobs.wake(eventId)
      return attached
    } catch (error) {
      throw error instanceof EventUnknown ? eventNotFound(error) : error
    }
  }

  /**
   * Closes the listing; it is detached once the platform has confirmed that and its last sales are read. Idempotent. Throws
   * NotFound; StateConflict when the event is over.
   */
  async detach(eventId: string, name: string, request: DetachRequest, user: AuthenticatedUser): Promise<void> {
    const { id } = await this.lookup.find(eventId, name)
    const now = this.clock.now()
    await this.stock.transact(eventId, async (tx) => {
      const event = await this.openEvent(tx.transaction, eventId)
      const before = channelIn(event, id)
      const state = attachmentOf(before)
      if (state === 'DETACHED' || (state === 'DETACHING' && !request.soldOnly)) return
      const change = { detachRequestedAt: before.detachRequestedAt ?? now, pausedSince: before.pausedSince ?? now }
      const after = await this.channels.update(tx.transaction, id, change)
      const channels = event.channels.map((known) => (known.id === id ? after : known))
      await this.desired.replanOne(tx, event, channels, after)
      const { platform, externalEventId } = before
      const details = { eventId, platform, externalEventId, ...request }
      await this.audit.record(user.id, 'channel.detach', id, { state }, details, tx.transaction)
    })
    if (request.soldOnly) await this.detachNow(eventId, id, user)
    this.jobs.wake(eventId)
  }

  /**
   * The same listing under another id, such as after the platform moved it: it is imported again, and its orders are known
   * by their ids, so that none counts twice. Throws NotFound; StateConflict when the event is over, the channel is
   * detached, or the listing has an owner already.
   */
  async move(eventId: string, name: string, externalEventId: string, user: AuthenticatedUser): Promise<void> {
    const channel = await this.lookup.find(eventId, name)
    const { id } = channel
    if (channel.externalEventId === externalEventId) return
    const now = this.clock.now()
    await this.transactions.run(async (transaction) => {
      await this.claims.claim(transaction, eventId, [{ ...channel, externalEventId }], now)
      await this.awaitWrites(transaction, id)
      await this.ledger.join(transaction, eventId, async (locked) => {
        const event = await this.openEvent(transaction, eventId)
        const before = channelIn(event, id)
        if (attachmentOf(before) === 'DETACHED') throw new StateConflict('This channel is detached.')
        const others = event.channels.filter((other) => other.id !== id)
        refuseKnown(others, { ...before, externalEventId })
        // Without an API only its name changes: what a person has confirmed there still holds.
        const { hasApi } = traitsOf(before.platform)
        const imported = hasApi ? NOT_IMPORTED : {}
        const after = await this.channels.update(transaction, id, { ...imported, externalEventId })
        if (hasApi) {
          // Its exposure is unbounded until the listing is imported.
          locked.prove({ kind: 'CHANNEL_DETACHED', channel: id })
          locked.prove({ kind: 'CHANNEL_ATTACHED', state: provenChannel(after) })
        }
        const was = { externalEventId: before.externalEventId }
        await this.audit.record(user.id, 'channel.move', id, was, { eventId, externalEventId }, transaction)
      })
    })
    this.jobs.wake(eventId)
  }

  /** Records the channel of a listing: a new one, or the one that the event had for it. */
  private async place(
    transaction: DatabaseTransaction,
    { id: eventId, channels }: EventWithChannels,
    listing: ConnectedListing,
  ): Promise<Channel> {
    const former = refuseKnown(channels, listing)
    const { connectionId } = listing
    await this.connections.keep(transaction, connectionId)
    if (former) {
      const { weight = 1, maxUnits = null, label = null } = listing
      const attached = { connectionId, detachedAt: null, detachRequestedAt: null, pausedSince: null }
      return this.channels.update(transaction, former.id, { ...NOT_IMPORTED, ...attached, weight, maxUnits, label })
    }
    if (channels.filter((one) => attachmentOf(one) !== 'DETACHED').length >= MAX_CHANNELS) {
      throw new StateConflict(`An event has at most ${MAX_CHANNELS} channels.`)
    }
    const [created] = await this.channels.create(transaction, eventId, [{ ...listing, id: newId('chn') }])
    if (!created) throw new Error(`no channel was created for ${eventId}`)
    return created
  }

  private async detachNow(eventId: string, id: string, user: AuthenticatedUser): Promise<void> {
    await this.transactions.run(async (transaction) => {
      await this.awaitWrites(transaction, id)
      await this.ledger.join(transaction, eventId, (locked) => this.assumeSoldOnly(locked, id, user))
    })
    await this.writes.follow(eventId)
  }

  private async assumeSoldOnly(locked: LockedEvent, id: string, user: AuthenticatedUser): Promise<void> {
    const { transaction } = locked
    if (attachmentOf(await this.channels.read(transaction, id)) !== 'DETACHING') return
    await this.channels.update(transaction, id, detachedState(this.clock.now()))
    locked.prove({ kind: 'CHANNEL_DETACHED', channel: id, assumedBy: user.id })
  }

  /** A write in flight would overwrite what is recorded now. */
  private awaitWrites(transaction: DatabaseTransaction, id: string): Promise<void> {
    return this.transactions.lock(transaction, [`channel:${id}`], LOCK_TIMEOUT_MS)
  }

  private async openEvent(transaction: DatabaseTransaction, eventId: string): Promise<EventWithChannels> {
    const event = await this.events.withChannels(transaction, eventId)
    if (event.closedSince) throw new StateConflict('The event is permanently closed.')
    if (hasEnded(event, this.clock.now())) throw new StateConflict('The event has ended.')
    return event
  }
}

/**
 * Returns the detached channel that had exactly this listing. Throws StateConflict for one that is attached, or that
 * counts the sales of a part of it.
 */
function refuseKnown(channels: readonly Channel[], listing: ConnectedListing): Channel | null {
  const known = channels.filter((channel) => overlap(channel, listing))
  if (known.some((channel) => attachmentOf(channel) !== 'DETACHED')) {
    throw new StateConflict('A channel of this event has this listing, or a part of it, already.')
  }
  const ticketClass = listing.externalTicketClassId ?? null
  const former = known.find(({ externalTicketClassId }) => externalTicketClassId === ticketClass)
  if (!former && known.length > 0) {
    throw new StateConflict('A detached channel of this event counts the sales of this listing, or of a part of it.')
  }
  return former ?? null
}
