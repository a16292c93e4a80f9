import { Injectable } from '@nestjs/common'
import type { AppliedOrder } from '../../domain/orders/applied-order.js'
import type { Channel } from '../../domain/channel-record.js'
import { isRedisOutage } from '../../infrastructure/errors/redis-outage.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { CountedSales } from '../../orders/counted-sales.js'
import { EventStore } from '../../stock/event-store.js'
import type { LockedEvent } from '../../stock/ledger.js'
import { Stock } from '../../stock/stock.js'
import { StockEvents } from '../../stock/stock-events.js'
import type { StockTransaction } from '../../stock/stock-transaction.js'
import { FailSafeState } from '../../system-mode/fail-safe-state.js'
import { confirmedFact, readingFact } from '../channel-facts.js'
import { ChannelStore, type ChannelChange } from '../channel-store.js'
import { followExposure } from '../sync/follow-exposure.js'
import { ListingTasks } from './listing-tasks.js'

/** What a person confirms of a listing: the cap in force there, and its tickets sold. */
export interface Confirmation {
  cap: number
  sold: number
}

/** Runs in the transaction that records the confirmation, on the row before it. Throws to refuse it. */
export type ConfirmationGuard = (locked: LockedEvent, channel: Channel) => Promise<void>

/**
 * Records what a person confirms. It is a fact like a platform's response: it is not compared with what was requested, and
 * from then on nothing else counts as in force there. What still differs from the desired state is requested again.
 */
@Injectable()
export class ListingConfirmations {
  constructor(
    private readonly channels: ChannelStore,
    private readonly events: EventStore,
    private readonly stock: Stock,
    private readonly counts: CountedSales,
    private readonly tasks: ListingTasks,
    private readonly failSafe: FailSafeState,
    private readonly stockEvents: StockEvents,
    private readonly clock: Clock,
  ) {}

  /** The same confirmation again changes nothing. Confirmations of one event are recorded one after another. */
  async confirm(
    { id, eventId, platform }: Channel,
    confirmation: Confirmation,
    guard: ConfirmationGuard,
  ): Promise<void> {
    const applied = await this.recordWithStock(eventId, id, confirmation, guard)
    const delta = applied.reduce((sum, order) => sum + order.delta, 0)
    this.stockEvents.emitChanged({ eventId, channel: platform, delta, orders: applied })
  }

  /** Without Redis, and in fail-safe mode, the ledger cannot follow: `ListingTasks` records the sales afterwards. */
  private async recordWithStock(eventId: string, id: string, confirmation: Confirmation, guard: ConfirmationGuard) {
    try {
      return await this.stock.transact(eventId, async (tx) => {
        const before = await this.record(tx, id, confirmation, guard)
        if (await this.failSafe.isFailSafe(tx.transaction)) return []
        const applied = await this.recordSales(tx, id, confirmation)
        await this.tasks.request(tx, id, before)
        return applied
      })
    } catch (error) {
      if (!isRedisOutage(error)) throw error
      await this.stock.transact(eventId, (tx) => this.record(tx, id, confirmation, guard))
      return []
    }
  }

  /** Returns the row before. */
  private async record(locked: LockedEvent, id: string, confirmation: Confirmation, guard: ConfirmationGuard) {
    const { transaction } = locked
    const found = await this.channels.read(transaction, id)
    await guard(locked, found)
    if (!found.importedAt) await this.tasks.import(locked, found)
    const before = found.importedAt ? found : await this.channels.read(transaction, id)
    const now = this.clock.now()
    const after = await this.channels.update(transaction, id, confirmedChange(before, confirmation, now))
    const fact = factOf(before, after, confirmation, now)
    if (fact) locked.prove(fact)
    return before
  }

  private async recordSales(tx: StockTransaction, id: string, { sold }: Confirmation): Promise<AppliedOrder[]> {
    const applied = await this.counts.apply(tx, await this.channels.read(tx.transaction, id), sold)
    await followExposure(tx, this.events, tx.eventId)
    return applied
  }
}

/** Without a mode of its own, a listing is open while it has tickets to sell. */
function modeOf({ cap, sold }: Confirmation): 'OPEN' | 'WAITLIST_ONLY' {
  return cap > sold ? 'OPEN' : 'WAITLIST_ONLY'
}

function confirmedChange(before: Channel, confirmation: Confirmation, now: Date): ChannelChange {
  const { cap, sold } = confirmation
  return {
    confirmedCap: cap,
    capUnlimited: false,
    confirmedMode: modeOf(confirmation),
    confirmedAt: now,
    // Sales up to now are known.
    lastPullAt: now,
    platformSold: sold,
    unconfirmedCap: null,
    unconfirmedSince: null,
    unconfirmedMode: null,
    recountAt: null,
    recounts: 0,
    syncError: null,
    ...(isAsRequested(before, cap) ? { confirmedVersion: before.desiredVersion } : {}),
    // What still differs is requested again, and covered: not here without the ledger.
    taskCap: null,
    taskSince: null,
  }
}

function isAsRequested({ taskCap, unconfirmedMode }: Channel, cap: number): boolean {
  return unconfirmedMode !== null && taskCap === cap
}

/** The cap of our request is one that the service chose; any other was set by the person, like a manual change on a platform. */
function factOf(before: Channel, after: Channel, confirmation: Confirmation, now: Date) {
  if (!isAsRequested(before, confirmation.cap)) return readingFact(now)(before, after)
  const confirmed = { ...confirmation, mode: modeOf(confirmation), pending: 0, confirmedAt: now }
  return confirmedFact(before.writeSeq, false, confirmed)(before, after)
}
