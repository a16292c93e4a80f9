import { Injectable } from '@nestjs/common'
import { AuditService } from '../../accounts/audit.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { EventStore } from '../../stock/event-store.js'
import { Stock } from '../../stock/stock.js'
import { groupOfOne, type StockGroup } from '../../stock/stock-group.js'
import type { StockTransaction } from '../../stock/stock-transaction.js'
import { StockEvents } from '../../stock/stock-events.js'
import { EventBatchQueue, type ItemResult } from '../../stock/batching/event-batch-queue.js'
import { createHolds, type CreatedHold, type HoldBatchParts } from './create-holds.js'
import type { HoldRequests } from './hold-batch-context.js'
import type { HoldRequest } from './hold-request.js'
import { HoldSeats } from '../hold-seats.js'
import { HoldStore } from '../hold-store.js'

/**
 * Creates holds. Requests for one event are processed together under its lock: seats, personal limits and retries are
 * exact, and a rejected request changes nothing. Requests for several events are committed together.
 */
@Injectable()
export class HoldCreation {
  private readonly queue: EventBatchQueue<HoldRequest, CreatedHold>
  private readonly parts: HoldBatchParts

  constructor(
    private readonly stock: Stock,
    private readonly clock: Clock,
    private readonly stockEvents: StockEvents,
    events: EventStore,
    holds: HoldStore,
    seats: HoldSeats,
    audit: AuditService,
  ) {
    this.parts = { events, holds, seats, audit }
    this.queue = new EventBatchQueue(
      (eventId, requests) => this.createAll(eventId, requests),
      clock,
      (requests) => this.createTogether(requests),
    )
  }

  /** Throws the errors of the contract: NotFound, StateConflict, SoldOut, SeatTaken, IdempotencyConflict. */
  create(eventId: string, request: HoldRequest): Promise<CreatedHold> {
    return this.queue.submit(eventId, request)
  }

  private async createAll(eventId: string, requests: readonly HoldRequest[]): Promise<ItemResult<CreatedHold>[]> {
    const work = (tx: StockTransaction) => this.createIn(groupOfOne(tx), new Map([[eventId, requests]]))
    const results = (await this.stock.transact(eventId, work)).get(eventId) ?? []
    this.onCreated(eventId, results)
    return results
  }

  private async createTogether(requests: HoldRequests): Promise<Map<string, ItemResult<CreatedHold>[]>> {
    const results = await this.stock.transactTogether([...requests.keys()], (group) =>
      this.createIn(group, new Map([...requests].filter(([eventId]) => group.events.has(eventId)))),
    )
    for (const [eventId, own] of results) this.onCreated(eventId, own)
    return results
  }

  private createIn(group: StockGroup, requests: HoldRequests): Promise<Map<string, ItemResult<CreatedHold>[]>> {
    return createHolds(group, requests, { ...this.parts, now: this.clock.now() })
  }

  private onCreated(eventId: string, results: readonly ItemResult<CreatedHold>[]): void {
    const created = results.flatMap((result) =>
      'value' in result && !result.value.repeated ? [result.value.hold] : [],
    )
    if (created.length > 0) {
      this.stockEvents.emitChanged({ eventId, channel: null, delta: 0, orders: [], heldOnly: true })
    }
  }
}
