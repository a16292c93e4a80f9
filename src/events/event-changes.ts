import { Injectable } from '@nestjs/common'
import { includesRole, type AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { CapWriteJournal } from '../channels/sync/cap-write-journal.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { DesiredState } from '../channels/desired-state.js'
import { capacityOf, soldTotal } from '../domain/stock/ledger-account.js'
import { eventNotFound, Forbidden, StateConflict, ValidationFailed } from '../domain/errors.js'
import { hasEnded, type EventTimes } from '../domain/events/event-state.js'
import type { Event } from '../domain/event-record.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'
import { Clock } from '../infrastructure/time/clock.js'
import { EventUnknown } from '../stock/ledger.js'
import { EventStore, type EventWithChannels } from '../stock/event-store.js'
import { Stock } from '../stock/stock.js'
import { StockEvents } from '../stock/stock-events.js'
import type { PatchEventBody } from './event-request.dto.js'
import { freesSafetyStock, sizeChange } from './event-size.js'
import { EventPrice } from './event-price.js'
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
    private readonly price: EventPrice,
    private readonly desired: DesiredState,
    private readonly writes: CapWriteJournal,
    private readonly channels: ChannelJobs,
    private readonly audit: AuditService,
    private readonly stockEvents: StockEvents,
    private readonly clock: Clock,
  ) {}

  /**
   * Throws NotFound; StateConflict when the capacity would fall below what is sold and held; ValidationFailed for a price
   * that cannot be paid; Forbidden and ValidationFailed when safety stock would be freed by an operator, or without a reason.
   */
  async change(eventId: string, body: PatchEventBody, user: AuthenticatedUser): Promise<void> {
    try {
      const replans = await this.resize(eventId, body, user)
      if (replans) await this.replan(eventId)
      if (affectsStock(body)) {
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

  /** Returns whether the caps have to be planned again. */
  private resize(eventId: string, body: PatchEventBody, user: AuthenticatedUser): Promise<boolean> {
    const { capacity: target, reason, startsAt: _start, endsAt: _end, salesEndAt: _salesEnd, ...fields } = body
    return this.stock.transact(eventId, async (tx) => {
      const before = await this.events.withChannels(tx.transaction, eventId)
      assertMayFree(body, before, user)
      this.price.assertPayable(body.priceCents, before.currency)
      const taken = soldTotal(tx.balances) + tx.balances.HELD
      if (target !== undefined && target < taken) throw new StateConflict(`${taken} tickets are already sold or held.`)
      if (target !== undefined && before.closedSince) throw new StateConflict('The event is permanently closed.')
      const times = timesOf(body, before)
      await this.revive(tx.transaction, before, times, target !== undefined)
      const { postings, freeing, targetCapacity, withheldUnits } = sizeChange(tx.balances, before, body, taken)
      const actor = { actor: user.email, operatorId: user.id, onInsufficient: 'skip' } as const
      const posted = await tx.postAll([
        { postings: freeing, reason: `safety stock freed: ${reason ?? ''}`, ...actor },
        { postings, reason: 'event resized', ...actor },
      ])
      if (posted.includes(null)) throw new StateConflict('The stock changed during the request. Try again.')
      const data = { ...fields, targetCapacity, withheldUnits, capacity: capacityOf(tx.balances), ...times }
      await this.events.update(tx.transaction, eventId, data)
      await this.audit.record(user.id, 'event.change', eventId, pick(before, body), { ...body }, tx.transaction)
      return affectsCaps(body, before)
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
    // Those that an operator detached stay so.
    const channels = before.channels.filter(({ detachRequestedAt }) => detachRequestedAt === null)
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

/** Other changes leave the rebalanced caps as they are, and so does freeing safety stock. */
function affectsCaps(
  { capacity, softCapRatio, safetyStockRatio, directWeight }: PatchEventBody,
  before: Event,
): boolean {
  const isOther = [capacity, softCapRatio, directWeight].some((value) => value !== undefined)
  return isOther || (safetyStockRatio !== undefined && safetyStockRatio >= before.safetyStockRatio)
}

function affectsStock({ capacity, softCapRatio, safetyStockRatio, directWeight }: PatchEventBody): boolean {
  return [capacity, softCapRatio, safetyStockRatio, directWeight].some((value) => value !== undefined)
}

/** Freed safety stock can be sold: that is for an admin to decide, on record. */
function assertMayFree(body: PatchEventBody, before: Event, user: AuthenticatedUser): void {
  if (!freesSafetyStock(body, before)) return
  if (!includesRole(user.role, 'ADMIN')) throw new Forbidden('Only an admin can free safety stock.')
  if (body.reason === undefined) throw ValidationFailed.of('reason', 'is required to free safety stock')
}

function pick(event: Event, body: PatchEventBody): Record<string, unknown> {
  return Object.fromEntries(Object.keys(body).map((key) => [key, event[key as keyof Event]]))
}
