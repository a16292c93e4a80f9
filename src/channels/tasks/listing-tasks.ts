import { Injectable } from '@nestjs/common'
import type { AppliedOrder } from '../../domain/orders/applied-order.js'
import type { Channel } from '../../domain/channel-record.js'
import { sold, unitsOf } from '../../domain/stock/ledger-account.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { CountedSales } from '../../orders/counted-sales.js'
import { EventStore } from '../../stock/event-store.js'
import type { LockedEvent } from '../../stock/ledger.js'
import { Stock } from '../../stock/stock.js'
import { StockEvents } from '../../stock/stock-events.js'
import type { StockTransaction } from '../../stock/stock-transaction.js'
import { FailSafeState } from '../../system-mode/fail-safe-state.js'
import { readingFact } from '../channel-facts.js'
import { ChannelStore } from '../channel-store.js'
import { DesiredState } from '../desired-state.js'
import { CapWriteJournal, type InFlightWrite } from '../sync/cap-write-journal.js'
import { followExposure } from '../sync/follow-exposure.js'
import { isCountBehind, isRequested } from './listing-task.js'

/**
 * What replaces calls for a listing without an API: a cap is not written but requested from a person. A request is a cap write
 * like any other (`cap-write-journal.ts`), covered and unconfirmed until the person confirms what is in force: the cap may
 * be set there at any time before.
 */
@Injectable()
export class ListingTasks {
  constructor(
    private readonly channels: ChannelStore,
    private readonly events: EventStore,
    private readonly stock: Stock,
    private readonly desired: DesiredState,
    private readonly writes: CapWriteJournal,
    private readonly counts: CountedSales,
    private readonly failSafe: FailSafeState,
    private readonly stockEvents: StockEvents,
    private readonly clock: Clock,
  ) {}

  /**
   * Imports the listing if it is not yet, records sales that are confirmed but not in the ledger, and requests the next cap.
   * Returns what remains to be confirmed, null: in fail-safe mode nothing is imported; and whether anything has changed.
   */
  async sync({ id, eventId, platform }: Channel): Promise<{ planned: InFlightWrite | null; changed: boolean }> {
    const { planned, applied, changed } = await this.stock.transact(eventId, async (tx) => {
      const channel = await this.channels.read(tx.transaction, id)
      // Closing needs neither; and without Redis nothing can be recorded in the ledger.
      const failSafe = await this.failSafe.isFailSafe(tx.transaction)
      const imports = channel.importedAt === null
      if (imports && failSafe) return { planned: null, applied: [], changed: false }
      if (imports) await this.import(tx, channel)
      const orders = failSafe ? [] : await this.settle(tx, channel)
      const next = await this.request(tx, id)
      return { planned: next, applied: orders, changed: imports || orders.length > 0 || isTaskChange(next) }
    })
    const delta = applied.reduce((sum, order) => sum + order.delta, 0)
    if (applied.length > 0) this.stockEvents.emitChanged({ eventId, channel: platform, delta, orders: applied })
    return { planned, changed }
  }

  /** Nothing is known to be sold there, and no cap is in force: it is found closed, until a person confirms something else. */
  async import(locked: LockedEvent, { id, eventId }: Channel): Promise<void> {
    const { transaction } = locked
    const now = this.clock.now()
    const before = await this.channels.read(transaction, id)
    const found = { confirmedCap: 0, capUnlimited: false, confirmedMode: 'WAITLIST_ONLY' } as const
    const after = await this.channels.update(transaction, id, { ...found, confirmedAt: now, importedAt: now })
    const fact = readingFact(now)(before, after)
    if (fact) locked.prove(fact)
    const event = await this.events.withChannels(transaction, eventId)
    await this.desired.replan(locked, event, event.channels)
  }

  /**
   * Requests the next cap, unless it is requested already. A task that is done or obsolete ends. `confirmed`: the row before
   * a confirmation in this transaction; a request of the same cap as then is as old as it was.
   */
  async request(tx: StockTransaction, channelId: string, confirmed?: Channel): Promise<InFlightWrite> {
    const planned = await this.writes.plan(tx, channelId)
    const { channel, startedAt } = planned
    if (isRequested(channel, planned.write)) return planned
    const covered = await this.writes.cover(tx, planned)
    const { write } = covered
    if (write.kind === 'WRITE') {
      const { taskCap, taskSince: since } = confirmed ?? channel
      const taskSince = write.cap === taskCap ? since : startedAt
      await this.channels.update(tx.transaction, channelId, { taskCap: write.cap, taskSince })
    } else if (channel.taskCap !== null) {
      await this.channels.update(tx.transaction, channelId, { taskCap: null, taskSince: null })
    }
    return covered
  }

  /** The confirmed count is on record before the ledger follows where it was confirmed during an outage. */
  private async settle(tx: StockTransaction, channel: Channel): Promise<AppliedOrder[]> {
    if (!isCountBehind(channel, unitsOf(tx.balances, sold(channel)))) return []
    const applied = await this.counts.apply(tx, channel, channel.platformSold ?? 0)
    await followExposure(tx, this.events, channel.eventId)
    return applied
  }
}

/** `channel` is the row before the request. */
function isTaskChange({ write, channel }: InFlightWrite): boolean {
  return write.kind === 'WRITE' ? !isRequested(channel, write) : channel.taskCap !== null
}
