import { Injectable } from '@nestjs/common'
import { AuditService } from '../../accounts/audit.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { EventStore } from '../../stock/event-store.js'
import { Stock } from '../../stock/stock.js'
import { StockEvents } from '../../stock/stock-events.js'
import { EventBatchQueue, type ItemResult } from '../../stock/batching/event-batch-queue.js'
import { createHolds, type CreatedHold, type HoldBatchParts } from './create-holds.js'
import type { HoldRequest } from './hold-request.js'
import { HoldExpiryIndex } from '../hold-expiry-index.js'
import { HoldSeats } from '../hold-seats.js'
import { HoldStore } from '../hold-store.js'

/**
 * Creates holds. Requests for one event are processed together under its lock: seats, personal limits and retries are
 * exact, and a rejected request changes nothing.
 */
@Injectable()
export class HoldCreation {
  private readonly queue: EventBatchQueue<HoldRequest, CreatedHold>
  private readonly parts: HoldBatchParts

  constructor(
    private readonly stock: Stock,
    private readonly clock: Clock,
    private readonly expiryIndex: HoldExpiryIndex,
    private readonly stockEvents: StockEvents,
    events: EventStore,
    holds: HoldStore,
    seats: HoldSeats,
    audit: AuditService,
  ) {
    this.parts = { events, holds, seats, audit }
    this.queue = new EventBatchQueue((eventId, requests) => this.createAll(eventId, requests), clock)
  }

  /** Throws the errors of the contract: NotFound, StateConflict, SoldOut, SeatTaken, IdempotencyConflict. */
  create(eventId: string, request: HoldRequest): Promise<CreatedHold> {
    return this.queue.submit(eventId, request)
  }

  private async createAll(eventId: string, requests: readonly HoldRequest[]): Promise<ItemResult<CreatedHold>[]> {
    const results = await this.stock.transact(eventId, (tx) =>
      createHolds(tx, eventId, requests, { ...this.parts, now: this.clock.now() }),
    )
    const created = results.flatMap((result) =>
      'value' in result && !result.value.repeated ? [result.value.hold] : [],
    )
    if (created.length > 0) {
      this.expiryIndex.add(eventId, created)
      this.stockEvents.emitChanged({ eventId, channel: null, delta: 0, orders: [], heldOnly: true })
    }
    return results
  }
}
