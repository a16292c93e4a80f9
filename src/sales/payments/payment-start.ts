import { Injectable } from '@nestjs/common'
import { NotFound } from '../../domain/errors.js'
import type { Event, Hold, Prisma } from '../../generated/prisma/client.js'
import { Clock } from '../../infrastructure/clock.js'
import { newId } from '../../infrastructure/ids.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import type { LockedEvent } from '../../inventory/ledger.js'
import { Stock } from '../../inventory/stock.js'
import { EventLane, type Answer } from '../event-lane.js'
import type { BuyerBody } from '../hold-bodies.js'
import { HoldPayments } from '../hold-payments.js'
import { HoldExpiryIndex } from '../hold-expiry-index.js'
import { overRefusal, type Buyer } from '../on-sale.js'
import { PaymentJobs } from './payment-jobs.js'
import { PaymentProvider } from './payment-provider.js'

interface StartRequest {
  holdId: string
  buyer: BuyerBody
  token: string
  as: Buyer
}

/** Of events with a price that name none. */
const DEFAULT_CURRENCY = 'EUR'
/** The job is queued at once; this is for one that got lost. */
const LOST_AFTER_MS = 5_000

/**
 * Turns a live hold into one that is being paid: from then on it does not expire. No money moves here. Under the
 * event's lock, so that expiry, release and other confirmations come before or after.
 */
@Injectable()
export class PaymentStart extends HoldPayments {
  private readonly lane = new EventLane<StartRequest, Hold>((eventId, requests) => this.startAll(eventId, requests))

  constructor(
    private readonly stock: Stock,
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly provider: PaymentProvider,
    private readonly jobs: PaymentJobs,
    private readonly watch: HoldExpiryIndex,
  ) {
    super()
  }

  override begin(hold: Hold, buyer: BuyerBody, token: string, as: Buyer): Promise<Hold> {
    return this.lane.submit(hold.eventId, { holdId: hold.id, buyer, token, as })
  }

  override async replacementOf(holdId: string): Promise<string | null> {
    const payment = await this.prisma.payment.findUnique({ where: { holdId }, select: { replacementHoldId: true } })
    return payment?.replacementHoldId ?? null
  }

  private async startAll(eventId: string, requests: readonly StartRequest[]): Promise<Answer<Hold>[]> {
    const { answers, started } = await this.stock.transact(eventId, (tx) => this.decide(tx, eventId, requests))
    if (started.length > 0) {
      this.watch.forget(
        eventId,
        started.map(({ holdId }) => holdId),
      )
      this.jobs.hurry(started.map(({ id }) => id))
    }
    return answers
  }

  private async decide({ prisma }: LockedEvent, eventId: string, requests: readonly StartRequest[]) {
    const now = this.clock.now()
    const event = await prisma.event.findUniqueOrThrow({ where: { id: eventId } })
    const rows = await prisma.hold.findMany({ where: { eventId, id: { in: requests.map(({ holdId }) => holdId) } } })
    const holds = new Map(rows.map((hold) => [hold.id, hold]))
    const started: Prisma.PaymentCreateManyInput[] = []
    const answers = requests.map((request): Answer<Hold> => {
      const hold = holds.get(request.holdId)
      if (!hold) return { error: new NotFound('There is no such hold.') }
      if (hold.state !== 'HELD' || hold.expiresAt <= now) return { value: hold }
      const refusal = overRefusal(event, request.as, now)
      if (refusal) return { error: refusal }
      const pending = { ...hold, state: 'PAYMENT_PENDING' as const }
      holds.set(hold.id, pending)
      started.push(this.paymentOf(event, hold, request, now))
      return { value: pending }
    })
    if (started.length > 0) {
      const where = { id: { in: started.map(({ holdId }) => holdId) }, state: 'HELD' } as const
      const { count } = await prisma.hold.updateMany({ where, data: { state: 'PAYMENT_PENDING' } })
      if (count !== started.length) throw new Error(`${started.length} holds were live, ${count} still are`)
      await prisma.payment.createMany({ data: started })
    }
    return { answers, started: started as { id: string; holdId: string }[] }
  }

  private paymentOf(
    event: Event,
    hold: Hold,
    { buyer, token }: StartRequest,
    now: Date,
  ): Prisma.PaymentCreateManyInput {
    return {
      id: newId('pay'),
      holdId: hold.id,
      eventId: event.id,
      amount: BigInt(event.priceCents ?? 0) * BigInt(hold.quantity),
      currency: event.currency ?? DEFAULT_CURRENCY,
      buyerName: buyer.name,
      buyerEmail: buyer.email,
      provider: this.provider.name,
      token,
      dueAt: new Date(now.getTime() + LOST_AFTER_MS),
      createdAt: now,
    }
  }
}
