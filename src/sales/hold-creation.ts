import { Injectable } from '@nestjs/common'
import { AuditService } from '../accounts/audit.service.js'
import { Clock } from '../infrastructure/clock.js'
import { Stock } from '../inventory/stock.js'
import { StockEvents } from '../inventory/stock-events.js'
import { EventLane, type Answer } from './event-lane.js'
import { createHolds, type CreatedHold } from './create-holds.js'
import type { HoldRequest } from './hold-request.js'
import { HoldExpiryIndex } from './hold-expiry-index.js'

/**
 * Makes holds. Requests for one event are decided together under its lock: seats, personal limits and repeats are
 * exact, and what is refused has taken nothing.
 */
@Injectable()
export class HoldCreation {
  private readonly lane = new EventLane<HoldRequest, CreatedHold>((eventId, requests) =>
    this.takeAll(eventId, requests),
  )

  constructor(
    private readonly stock: Stock,
    private readonly clock: Clock,
    private readonly watch: HoldExpiryIndex,
    private readonly stockEvents: StockEvents,
    private readonly audit: AuditService,
  ) {}

  /** Throws the refusals of the contract: NotFound, StateConflict, SoldOut, SeatTaken, IdempotencyConflict. */
  take(eventId: string, request: HoldRequest): Promise<CreatedHold> {
    return this.lane.submit(eventId, request)
  }

  private async takeAll(eventId: string, requests: readonly HoldRequest[]): Promise<Answer<CreatedHold>[]> {
    const answers = await this.stock.transact(eventId, (tx) =>
      createHolds(tx, eventId, requests, { now: this.clock.now(), audit: this.audit }),
    )
    const taken = answers.flatMap((answer) => ('value' in answer && !answer.value.repeated ? [answer.value.hold] : []))
    if (taken.length > 0) {
      this.watch.watch(eventId, taken)
      this.stockEvents.changed({ eventId, channel: null, delta: 0, orders: [] })
    }
    return answers
  }
}
