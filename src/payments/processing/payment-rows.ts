import { Injectable } from '@nestjs/common'
import type { Payment, PaymentState, Prisma } from '../../generated/prisma/client.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'

/** Longer than all provider calls of one step together. */
const LEASE_MS = 90_000
const MIN_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 300_000
/** About half an hour of retries; then the payment is stuck until an operator or a notification resumes it. */
const MAX_ATTEMPTS = 14
const MAX_ERROR_LENGTH = 300

const NOT_FINAL = { state: { notIn: ['SUCCEEDED', 'REFUNDED'] satisfies PaymentState[] } }

type Rows = Pick<Prisma.TransactionClient, 'payment'>

/** Leases, retry schedule and state transitions of payments. */
@Injectable()
export class PaymentRows {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /** Leases the payment; null when it is final or leased by another worker. */
  async lease(id: string): Promise<Payment | null> {
    const now = this.clock.now()
    const leasedUntil = new Date(now.getTime() + LEASE_MS)
    const unleased = { OR: [{ leasedUntil: null }, { leasedUntil: { lte: now } }] }
    const [payment] = await this.prisma.payment.updateManyAndReturn({
      where: { ...NOT_FINAL, ...unleased, id },
      // If this process dies, the payment is due again when the lease expires.
      data: { leasedUntil, dueAt: leasedUntil, attempts: { increment: 1 } },
    })
    return payment ?? null
  }

  /** Ends the lease after a completed step. Due again at once if a notification arrived in the meantime. */
  async release({ id, hints }: Payment): Promise<void> {
    const now = this.clock.now()
    await this.prisma.$executeRaw`
      UPDATE payments SET leased_until = NULL, last_error = NULL, stuck_since = NULL, attempts = 0,
        due_at = CASE WHEN hints = ${hints} OR state IN ('SUCCEEDED', 'REFUNDED') THEN NULL ELSE ${now}::timestamptz END
      WHERE id = ${id}`
  }

  /** Schedules a retry with exponential backoff; after the last attempt the payment is stuck. */
  async scheduleRetry({ id, attempts, hints }: Payment, error: string): Promise<{ stuck: boolean }> {
    const now = this.clock.now()
    const backoffMs = Math.min(MIN_BACKOFF_MS * 2 ** (attempts - 1), MAX_BACKOFF_MS)
    const stuck = attempts >= MAX_ATTEMPTS
    const next = stuck ? null : new Date(now.getTime() + backoffMs)
    await this.prisma.$executeRaw`
      UPDATE payments SET leased_until = NULL, last_error = ${error.slice(0, MAX_ERROR_LENGTH)},
        stuck_since = CASE WHEN hints = ${hints} AND ${stuck} THEN COALESCE(stuck_since, ${now}::timestamptz) END,
        due_at = CASE WHEN hints = ${hints} THEN ${next}::timestamptz ELSE ${now}::timestamptz END
      WHERE id = ${id}`
    return { stuck }
  }

  /** Makes payments due now, after a notification or an operator's request. Returns their number. */
  async markDue(where: Prisma.PaymentWhereInput): Promise<number> {
    const data = { dueAt: this.clock.now(), hints: { increment: 1 }, attempts: 0, stuckSince: null }
    const { count } = await this.prisma.payment.updateMany({ where: { ...where, ...NOT_FINAL }, data })
    return count
  }

  async findDue(limit: number): Promise<{ id: string; dueAt: Date | null }[]> {
    return this.prisma.payment.findMany({
      where: { ...NOT_FINAL, dueAt: { lte: this.clock.now() } },
      orderBy: { dueAt: 'asc' },
      select: { id: true, dueAt: true },
      take: limit,
    })
  }

  async setReference(id: string, reference: string): Promise<void> {
    await this.prisma.payment.update({ where: { id }, data: { reference } })
  }

  /** Moves a payment from one state to the next, exactly once. Throws when it is no longer in state `from`. */
  async transition(
    rows: Rows,
    id: string,
    from: PaymentState,
    data: Prisma.PaymentUncheckedUpdateManyInput & { state: PaymentState },
  ): Promise<void> {
    const { count } = await rows.payment.updateMany({ where: { id, state: from }, data: { ...data, token: null } })
    if (count !== 1) throw new Error(`payment ${id} is no longer ${from}`)
  }
}
