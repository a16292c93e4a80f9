import { Injectable, Logger, Optional } from '@nestjs/common'
import { AuditService } from '../accounts/audit.service.js'
import { ChannelStore } from '../channels/channel-store.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { DIRECT } from '../domain/channel.js'
import { DEFAULT_CUSTOMER_LIMIT } from '../domain/events/customer-limit.js'
import { allocated } from '../domain/stock/ledger-account.js'
import { AllocationPolicy, REBALANCING } from '../domain/rebalancing/allocation-policy.js'
import type { Movement } from '../domain/stock/posting.js'
import { ceilShare } from '../domain/stock/ratio.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Config } from '../infrastructure/config/config.js'
import { toInstant } from '../infrastructure/http/requests/instant.js'
import { newId } from '../infrastructure/ids.js'
import { Transactions } from '../infrastructure/transactions.js'
import { EventStore, type EventWithChannels } from '../stock/event-store.js'
import { StockGate } from '../stock/gate/gate.js'
import { Ledger } from '../stock/ledger.js'
import type { CreateEventBody } from './event-request.dto.js'
import { ChannelConnections } from '../connections/channel-connections.js'
import { EventPrice } from './event-price.js'
import { timesOf } from './event-times.js'
import { ListingClaims, refuseOverlap } from './listing-claims.js'
import { seatsOf } from '../seats/seat-chart.js'
import { SeatStore } from '../seats/seat-store.js'

/** Who creates an event; `id` null: someone without an account, at the command line. */
export interface EventCreator {
  id: string | null
  email: string
}

/** Creates an event with its ledger and channels; from then on the channels are synced. */
@Injectable()
export class EventCreation {
  private readonly logger = new Logger(EventCreation.name)

  constructor(
    private readonly transactions: Transactions,
    private readonly events: EventStore,
    private readonly channels: ChannelStore,
    private readonly seats: SeatStore,
    private readonly connections: ChannelConnections,
    private readonly claims: ListingClaims,
    private readonly price: EventPrice,
    private readonly ledger: Ledger,
    private readonly gate: StockGate,
    private readonly jobs: ChannelJobs,
    private readonly config: Config,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    @Optional() private readonly policy: AllocationPolicy = REBALANCING,
  ) {}

  /** Returns the new event. Throws ValidationFailed for an invalid seat chart, times or price; StateConflict when a listing belongs to another event, or a connection was removed. */
  async create(body: CreateEventBody, creator: EventCreator, demo = false): Promise<EventWithChannels> {
    const { channels = [], seats: chart, startsAt, endsAt: _end, salesEndAt: _salesEnd, ...fields } = body
    this.price.assertPayable(body.priceCents, body.currency)
    const times = timesOf(body, { startsAt: toInstant(startsAt), endsAt: null, salesEndAt: null })
    const seats = chart ? seatsOf(chart, body.capacity) : []
    const { softCapRatio, safetyStockRatio } = this.config.stock
    const directWeight = body.directWeight ?? (channels.length > 0 ? 0 : 1)
    const listed = channels.map((channel, index) => ({
      ...channel,
      id: newId('chn'),
      connectionId: this.connections.idFor(channel, `channels.${index}.connectionId`),
    }))
    refuseOverlap(listed)
    const defaults = { softCapRatio, safetyStockRatio, maxHeldPerCustomer: DEFAULT_CUSTOMER_LIMIT }
    const data = { ...defaults, ...fields, directWeight, ...times }
    const id = newId('evt')
    const { event, balances } = await this.transactions.run(async (transaction) => {
      for (const { connectionId } of listed) await this.connections.keep(transaction, connectionId)
      if (channels.length > 0) await this.claims.claim(transaction, id, listed, this.clock.now())
      const row = { ...data, id, demo, targetCapacity: body.capacity, seatCount: seats.length }
      const event = {
        ...(await this.events.create(transaction, row)),
        channels: await this.channels.create(transaction, id, listed),
      }
      await this.seats.createChart(transaction, id, seats)
      const balances = await this.ledger.open(transaction, id, {
        operationId: `${id}:opening`,
        reason: 'opening',
        actor: creator.email,
        ...(creator.id === null ? {} : { operatorId: creator.id }),
        movements: openingMovements(this.policy, body.capacity, listed, data.safetyStockRatio, directWeight),
      })
      await this.audit.record(creator.id, 'event.create', id, null, { ...body }, transaction)
      return { event, balances }
    })
    // A gate that is missing is loaded from the ledger by the first stock operation.
    await this.gate
      .install(id, 1, balances)
      .catch((error: unknown) =>
        this.logger.warn({ err: error }, 'failed to load the stock gate; the first stock operation will load it'),
      )
    this.jobs.wake(id)
    return event
  }
}

function openingMovements(
  policy: AllocationPolicy,
  capacity: number,
  channels: readonly { id: string; weight?: number; maxUnits?: number }[],
  safetyRatio: number,
  directWeight: number,
): Movement[] {
  const safety = ceilShare(safetyRatio, capacity)
  const { direct } = policy.split(
    capacity - safety,
    channels.map(({ id, weight = 1, maxUnits = null }) => ({ id, weight, maxUnits, sold: 0 })),
    { weight: directWeight, sold: 0, held: 0 },
  )
  const movements: Movement[] = [
    { from: 'CAPACITY', to: 'UNALLOCATED', quantity: capacity - safety },
    { from: 'CAPACITY', to: 'SAFETY', quantity: safety },
    { from: 'UNALLOCATED', to: allocated(DIRECT), quantity: direct },
  ]
  return movements.filter(({ quantity }) => quantity > 0)
}
