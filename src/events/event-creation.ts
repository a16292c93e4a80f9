import { Injectable, Logger } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { DIRECT } from '../domain/channel.js'
import { allocated } from '../domain/stock/ledger-account.js'
import { planCaps } from '../domain/caps/cap-plan.js'
import type { Movement } from '../domain/stock/posting.js'
import { ceilShare } from '../domain/stock/ratio.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Config } from '../infrastructure/config/config.js'
import { toInstant } from '../infrastructure/http/requests/instant.js'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { StockGate } from '../stock/gate/gate.js'
import { Ledger } from '../stock/ledger.js'
import { eventDto, type EventDto } from './event-response.dto.js'
import type { CreateEventBody } from './event-request.dto.js'
import { timesOf } from './event-times.js'
import { claimListings, refuseOverlap } from './listing-claims.js'
import { seatsOf, writeSeats } from '../seats/seat-chart.js'
import { PrismaTransaction } from '../infrastructure/prisma/transaction.js'

/** The transaction may wait for the lock of a listing. */
const TRANSACTION = { timeout: 15_000 }

/** Creates an event with its ledger and channels; from then on the channels are synced. */
@Injectable()
export class EventCreation {
  private readonly logger = new Logger(EventCreation.name)

  constructor(
    private readonly prisma: PrismaService,
    private readonly ledger: Ledger,
    private readonly gate: StockGate,
    private readonly channels: ChannelJobs,
    private readonly config: Config,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Throws ValidationFailed for an invalid seat chart or times; StateConflict when a listing belongs to another event. */
  async create(body: CreateEventBody, user: AuthenticatedUser): Promise<EventDto> {
    const { channels = [], seats: chart, startsAt, endsAt: _end, salesEndAt: _salesEnd, ...fields } = body
    refuseOverlap(channels)
    const times = timesOf(body, { startsAt: toInstant(startsAt), endsAt: null, salesEndAt: null })
    const seats = chart ? seatsOf(chart, body.capacity) : []
    const { softCapRatio, safetyStockRatio } = this.config.stock
    const directWeight = body.directWeight ?? (channels.length > 0 ? 0 : 1)
    const listed = channels.map((channel) => ({ ...channel, id: newId('chn') }))
    const data = { softCapRatio, safetyStockRatio, ...fields, directWeight, ...times }
    const id = newId('evt')
    const { event, balances } = await this.prisma.$transaction(async (tx) => {
      if (channels.length > 0) await claimListings(tx, id, channels, this.clock.now(), { ledger: this.ledger })
      const event = await tx.event.create({
        data: {
          ...data,
          id,
          targetCapacity: body.capacity,
          seatCount: seats.length,
          channels: { create: listed },
        },
        include: { channels: true },
      })
      await writeSeats(tx, id, seats)
      const balances = await this.ledger.open(new PrismaTransaction(tx), id, {
        operationId: `${id}:opening`,
        reason: 'opening',
        actor: user.email,
        operatorId: user.id,
        movements: openingMovements(body.capacity, listed, data.safetyStockRatio, directWeight),
      })
      await this.audit.record(user.id, 'event.create', id, null, { ...body }, tx)
      return { event, balances }
    }, TRANSACTION)
    // A gate that is missing is loaded from the ledger by the first stock operation.
    await this.gate
      .install(id, 1, balances)
      .catch((error: unknown) =>
        this.logger.warn({ err: error }, 'failed to load the stock gate; the first stock operation will load it'),
      )
    this.channels.wake(id)
    return eventDto(event, this.clock.now())
  }
}

function openingMovements(
  capacity: number,
  channels: readonly { id: string; weight?: number }[],
  safetyRatio: number,
  directWeight: number,
): Movement[] {
  const safety = ceilShare(safetyRatio, capacity)
  const { direct } = planCaps(
    capacity - safety,
    channels.map(({ id, weight = 1 }) => ({ id, weight, sold: 0 })),
    { weight: directWeight, sold: 0, held: 0 },
  )
  const movements: Movement[] = [
    { from: 'CAPACITY', to: 'UNALLOCATED', quantity: capacity - safety },
    { from: 'CAPACITY', to: 'SAFETY', quantity: safety },
    { from: 'UNALLOCATED', to: allocated(DIRECT), quantity: direct },
  ]
  return movements.filter(({ quantity }) => quantity > 0)
}
