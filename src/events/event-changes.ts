import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { CapWriteJournal } from '../channels/sync/cap-write-journal.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { DesiredState } from '../channels/desired-state.js'
import { capacityOf, soldTotal, type Balances } from '../domain/stock/ledger-account.js'
import { eventNotFound, StateConflict } from '../domain/errors.js'
import { hasEnded, type EventTimes } from '../domain/events/event-state.js'
import type { Posting } from '../domain/stock/posting.js'
import { ceilShare } from '../domain/stock/ratio.js'
import type { Event } from '../domain/event-record.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import { Clock } from '../infrastructure/time/clock.js'
import { EventUnknown } from '../stock/ledger.js'
import { EventStore, type EventWithChannels } from '../stock/event-store.js'
import { Stock } from '../stock/stock.js'
import { StockEvents } from '../stock/stock-events.js'
import type { PatchEventBody } from './event-request.dto.js'
import { timesOf } from './event-times.js'
import { ListingClaims } from './listing-claims.js'

/**
 * Changes an event. A capacity increase takes effect at once; a decrease lowers the platforms' desired caps first, and
 * the capacity follows what they confirm. The safety stock is resized as far as free units suffice.
 */
@Injectable()
export class EventChanges {
  constructor(
    private readonly stock: Stock,
    private readonly events: EventStore,
    private readonly claims: ListingClaims,
    private readonly desired: DesiredState,
    private readonly writes: CapWriteJournal,
    private readonly channels: ChannelJobs,
    private readonly audit: AuditService,
    private readonly stockEvents: StockEvents,
    private readonly clock: Clock,
  ) {}

  /** Throws NotFound; StateConflict when the capacity would fall below what is sold and held. */
  async change(eventId: string, body: PatchEventBody, user: AuthenticatedUser): Promise<void> {
    try {
      await this.resize(eventId, body, user)
      if (affectsStock(body)) {
        await this.replan(eventId)
        // A decrease removes units that no platform can sell now, before a customer can hold them.
        await this.writes.follow(eventId)
        this.channels.wake(eventId)
      }
      this.stockEvents.emitChanged({ eventId, channel: null, delta: 0, orders: [] })
    } catch (error) {
      if (error instanceof EventUnknown) throw eventNotFound()
      throw error
    }
  }

  private async resize(eventId: string, body: PatchEventBody, user: AuthenticatedUser): Promise<void> {
    const { capacity: target, startsAt: _start, endsAt: _end, salesEndAt: _salesEnd, ...fields } = body
    await this.stock.transact(eventId, async (tx) => {
      const before = await this.events.withChannels(tx.transaction, eventId)
      const taken = soldTotal(tx.balances) + tx.balances.HELD
      if (target !== undefined && target < taken) throw new StateConflict(`${taken} tickets are already sold or held.`)
      if (target !== undefined && before.closedSince) throw new StateConflict('The event is permanently closed.')
      const times = timesOf(body, before)
      await this.revive(tx.transaction, before, times, target !== undefined)
      const targetCapacity = target ?? before.targetCapacity
      const raise = Math.max(0, targetCapacity - capacityOf(tx.balances))
      // Where sold and held leave less than the safety stock, it is reduced, so that capacity can be lowered to them.
      const share = ceilShare(body.safetyStockRatio ?? before.safetyStockRatio, targetCapacity)
      const safety = Math.min(share, Math.max(0, targetCapacity - taken))
      const resized = body.capacity !== undefined || body.safetyStockRatio !== undefined
      const postings = resized ? sizePostings(tx.balances, raise, safety) : []
      const actor = { actor: user.email, operatorId: user.id }
      const request = { postings, reason: 'event resized', ...actor, onInsufficient: 'skip' } as const
      if ((await tx.post(request)) === null) throw new StateConflict('The stock changed during the request. Try again.')
      const data = { ...fields, targetCapacity, capacity: capacityOf(tx.balances), ...times }
      await this.events.update(tx.transaction, eventId, data)
      await this.audit.record(user.id, 'event.change', eventId, pick(before, body), { ...body }, tx.transaction)
    })
  }

  /**
   * An ended event whose end is moved to the future is live again with its listings. Throws StateConflict when one of them
   * belongs to another event now, or when an event that stays ended is to be resized.
   */
  private async revive(
    transaction: DatabaseTransaction,
    before: EventWithChannels,
    times: EventTimes,
    resized: boolean,
  ): Promise<void> {
    const now = this.clock.now()
    if (before.closedSince || !hasEnded(before, now)) return
    if (hasEnded(times, now)) {
      if (resized) throw new StateConflict('The event has ended.')
      return
    }
    const { channels } = before
    if (channels.some(({ detachedAt }) => detachedAt !== null)) {
      throw new StateConflict('A listing of this event belongs to another event now.')
    }
    if (channels.length > 0) await this.claims.claim(transaction, before.id, channels, now, { holdsLedger: true })
  }

  private replan(eventId: string): Promise<void> {
    return this.stock.transact(eventId, async (tx) => {
      const event = await this.events.withChannels(tx.transaction, eventId)
      await this.desired.replan(tx, event, event.channels)
      await tx.post(this.desired.directShare(tx, event, event.channels, null))
    })
  }
}

/** Other changes leave the rebalanced caps as they are. */
function affectsStock({ capacity, softCapRatio, safetyStockRatio }: PatchEventBody): boolean {
  return [capacity, softCapRatio, safetyStockRatio].some((value) => value !== undefined)
}

/**
 * New units from CAPACITY cover oversold tickets before they are free; the safety stock is filled from free units, or
 * releases its surplus to them.
 */
function sizePostings(balances: Balances, raise: number, safety: number): Posting[] {
  const postings: Posting[] = []
  const covered = Math.min(raise, -balances.OVERSOLD)
  const free = raise - covered
  if (covered > 0) postings.push({ quantity: covered, sources: [], destination: 'OVERSOLD', overflow: 'CAPACITY' })
  if (free > 0) postings.push({ quantity: free, sources: [], destination: 'UNALLOCATED', overflow: 'CAPACITY' })
  const surplus = balances.SAFETY - safety
  const lacking = Math.min(-surplus, balances.UNALLOCATED + free)
  if (surplus > 0) postings.push({ quantity: surplus, sources: ['SAFETY'], destination: 'UNALLOCATED' })
  if (lacking > 0) postings.push({ quantity: lacking, sources: ['UNALLOCATED'], destination: 'SAFETY' })
  return postings
}

function pick(event: Event, body: PatchEventBody): Record<string, unknown> {
  return Object.fromEntries(Object.keys(body).map((key) => [key, event[key as keyof Event]]))
}
