import { Injectable, Logger } from '@nestjs/common'
import type { Account } from '../accounts/account.js'
import { AuditService } from '../accounts/audit.service.js'
import { ChannelJobs } from '../channels/channel-jobs.js'
import { allocated } from '../domain/account.js'
import { planCaps } from '../domain/cap-plan.js'
import { StateConflict } from '../domain/errors.js'
import type { Movement } from '../domain/move.js'
import { ceilShare } from '../domain/ratio.js'
import { Prisma } from '../generated/prisma/client.js'
import { Config } from '../infrastructure/config/config.js'
import { newId } from '../infrastructure/ids.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { StockGate } from '../inventory/gate.js'
import { Ledger } from '../inventory/ledger.js'
import { eventDto, type EventDto } from './event-answers.js'
import type { CreateEventBody } from './event-bodies.js'
import { seatsOf, writeSeats } from './seats.js'

const UNIQUE_VIOLATION = 'P2002'

/** Makes an event with its ledger and channels; the platforms are driven from then on. */
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
  ) {}

  /** Throws ValidationFailed for a seat chart that cannot be; StateConflict when a listing feeds another event. */
  async create(body: CreateEventBody, account: Account): Promise<EventDto> {
    const { channels = [], seats: chart, startsAt, ...fields } = body
    const seats = chart ? seatsOf(chart, body.capacity) : []
    const { softCapRatio, safetyStockRatio } = this.config.stock
    const directWeight = body.directWeight ?? (channels.length > 0 ? 0 : 1)
    const data = { softCapRatio, safetyStockRatio, ...fields, directWeight, startsAt: new Date(startsAt) }
    const id = newId('evt')
    try {
      const { event, balances } = await this.prisma.$transaction(async (tx) => {
        const event = await tx.event.create({
          data: {
            ...data,
            id,
            targetCapacity: body.capacity,
            seatCount: seats.length,
            channels: { create: channels.map((channel) => ({ ...channel, id: newId('chn') })) },
          },
          include: { channels: true },
        })
        await writeSeats(tx, id, seats)
        const balances = await this.ledger.open(tx, id, {
          operationId: `${id}:opening`,
          reason: 'opening',
          actor: account.email,
          movements: openingMovements(body, data.safetyStockRatio, directWeight),
        })
        await this.audit.record(account.id, 'event.create', id, null, { ...body }, tx)
        return { event, balances }
      })
      // A gate that is not there now is loaded from the ledger by the first decision.
      await this.gate
        .install(id, 1, balances)
        .catch((error: unknown) => this.logger.warn({ err: error }, 'gate not loaded'))
      this.channels.hurry(id)
      return eventDto(event)
    } catch (error) {
      if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== UNIQUE_VIOLATION) throw error
      throw new StateConflict('One of these listings already belongs to another event.', { cause: error })
    }
  }
}

function openingMovements(body: CreateEventBody, safetyRatio: number, directWeight: number): Movement[] {
  const { capacity, channels = [] } = body
  const safety = ceilShare(safetyRatio, capacity)
  const { direct } = planCaps(
    capacity - safety,
    channels.map(({ platform, weight = 1 }) => ({ platform, weight, sold: 0 })),
    { weight: directWeight, sold: 0, held: 0 },
  )
  const movements: Movement[] = [
    { from: 'CAPACITY', to: 'UNALLOCATED', quantity: capacity - safety },
    { from: 'CAPACITY', to: 'SAFETY', quantity: safety },
    { from: 'UNALLOCATED', to: allocated('DIRECT'), quantity: direct },
  ]
  return movements.filter(({ quantity }) => quantity > 0)
}
