import { Injectable } from '@nestjs/common'
import { AuditService } from '../../accounts/audit.service.js'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { eventNotFound, IdempotencyConflict, NotFound, StateConflict } from '../../domain/errors.js'
import { contentHash, idempotencyOf } from '../../infrastructure/http/requests/idempotency.js'
import { newId } from '../../infrastructure/ids.js'
import { Clock } from '../../infrastructure/time/clock.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import { Transactions } from '../../infrastructure/transactions.js'
import { SafetySales } from '../../safety-stock/safety-sales.js'
import { toDomainError } from '../../stock/batching/event-batch-queue.js'
import { EventStore } from '../../stock/event-store.js'
import { Stock } from '../../stock/stock.js'
import { StockEvents } from '../../stock/stock-events.js'
import { SystemMode } from '../../system-mode/system-mode.js'
import { CheckInStore } from '../check-ins/check-in-store.js'
import { WalkInStore, type WalkIn } from './walk-in-store.js'
import type { WalkInDto, WalkInSource } from './walk-ins.dto.js'

/** People at the door without a ticket. `at` null: they come now. */
export interface WalkInRequest {
  quantity: number
  from: WalkInSource
  at: Date | null
  deviceId: string | null
}

type User = Pick<AuthenticatedUser, 'id' | 'email'>

/** A walk-in on record: the one of this request, or of an earlier one under its key. */
interface Recorded {
  walkIn: WalkIn
  repeated: boolean
}

/** A retry is recognized for as long as the event is known: a phone may be offline for any time. */
@Injectable()
export class WalkIns {
  constructor(
    private readonly events: EventStore,
    private readonly transactions: Transactions,
    private readonly stock: Stock,
    private readonly sales: SafetySales,
    private readonly stockEvents: StockEvents,
    private readonly store: WalkInStore,
    private readonly checkIns: CheckInStore,
    private readonly mode: SystemMode,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * Throws NotFound, and IdempotencyConflict for a key of another request. A sale throws FailSafe, SoldOut, and
   * StateConflict when the event is paused, closed or over.
   */
  async record(
    eventId: string,
    request: WalkInRequest,
    user: User,
    key?: string,
  ): Promise<WalkInDto & { repeated: boolean }> {
    if (!(await this.events.exists(eventId))) throw eventNotFound()
    const row = this.rowOf(eventId, request, user, key)
    const { walkIn, repeated } = request.from === 'SAFETY' ? await this.sell(row, user) : await this.count(row)
    const { id, quantity, source: from, at } = walkIn
    return { id, quantity, from, at: at.toISOString(), repeated }
  }

  /** Without effect if it was taken back before. Throws NotFound; StateConflict for tickets that were sold. */
  async takeBack(id: string, user: Pick<AuthenticatedUser, 'id'>): Promise<void> {
    await this.transactions.run(async (transaction) => {
      const walkIn = await this.store.find(transaction, id)
      if (!walkIn) throw new NotFound('There is no such walk-in.')
      const { source, eventId, quantity, orderId } = walkIn
      if (source === 'SAFETY') throw new StateConflict(`Tickets were sold: cancel the order ${orderId}.`)
      if (!(await this.store.takeBack(transaction, id, this.clock.now()))) return
      await this.audit.record(user.id, 'walk-in.take-back', id, { eventId, quantity }, null, transaction)
    })
  }

  private rowOf(eventId: string, { quantity, from, at, deviceId }: WalkInRequest, user: User, key?: string): WalkIn {
    const now = this.clock.now()
    const content = [quantity, from, at?.toISOString() ?? null, deviceId]
    return {
      id: newId('wlk'),
      eventId,
      source: from,
      quantity,
      at: at ?? now,
      orderId: from === 'SAFETY' ? newId('ord') : null,
      userId: user.id,
      deviceId,
      recordedAt: now,
      idempotencyKey: idempotencyOf(key, content)?.key ?? null,
      requestHash: contentHash(content),
      takenBackAt: null,
    }
  }

  private count(row: WalkIn): Promise<Recorded> {
    return this.transactions.run((transaction) => this.recordOnce(transaction, row))
  }

  private async sell(row: WalkIn, user: User): Promise<Recorded> {
    this.mode.assertAdmitting()
    const { eventId, quantity } = row
    const work = this.stock.transact(eventId, async (tx) => {
      const recorded = await this.recordOnce(tx.transaction, row)
      if (recorded.repeated) return recorded
      const sale = { quantity, buyer: { name: null, email: null }, reason: 'walk-in' }
      const sold = await this.sales.record(tx, row.orderId ?? '', sale, user)
      const { at: checkedInAt, userId, deviceId, recordedAt } = row
      const rows = sold.map(({ id: ticketId }) => ({ ticketId, checkedInAt, userId, deviceId, recordedAt }))
      await this.checkIns.write(tx.transaction, rows)
      return recorded
    })
    const recorded = await work.catch((error: unknown) => Promise.reject(toDomainError(error)))
    if (!recorded.repeated) this.stockEvents.emitChanged({ eventId, channel: 'DIRECT', delta: quantity, orders: [] })
    return recorded
  }

  private async recordOnce(transaction: DatabaseTransaction, row: WalkIn): Promise<Recorded> {
    const walkIn = await this.store.recordOnce(transaction, row)
    if (walkIn.id !== row.id) {
      if (walkIn.requestHash === row.requestHash) return { walkIn, repeated: true }
      throw new IdempotencyConflict('This Idempotency-Key was used with a different request.')
    }
    const { id, userId, eventId, source: from, quantity, at, deviceId, orderId } = row
    const after = { eventId, from, quantity, at: at.toISOString(), deviceId, orderId }
    await this.audit.record(userId, 'walk-in.record', id, null, after, transaction)
    return { walkIn, repeated: false }
  }
}
