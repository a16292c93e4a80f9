import { Injectable } from '@nestjs/common'
import type { Payment, PaymentState, Prisma } from '../../generated/prisma/client.js'
import { Clock } from '../../infrastructure/clock.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'

/** Longer than all calls of one step together may take. */
const LEASE_MS = 90_000
const FIRST_PAUSE_MS = 1_000
const MAX_PAUSE_MS = 300_000
/** About half an hour; then an operator is needed, or word from the provider. */
const MAX_ATTEMPTS = 14
const MAX_ERROR = 300

const OPEN = { state: { notIn: ['SUCCEEDED', 'REFUNDED'] satisfies PaymentState[] } }

type Rows = Pick<Prisma.TransactionClient, 'payment'>

/** Who is at a payment, when it is looked at next, and its one-way changes. */
@Injectable()
export class PaymentRows {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /** Takes it for some time; null: it is final, or somebody else is at it. */
  async lease(id: string): Promise<Payment | null> {
    const now = this.clock.now()
    const leasedUntil = new Date(now.getTime() + LEASE_MS)
    const free = { OR: [{ leasedUntil: null }, { leasedUntil: { lte: now } }] }
    const [payment] = await this.prisma.payment.updateManyAndReturn({
      where: { ...OPEN, ...free, id },
      // Should this process die, the next look is when the lease is over.
      data: { leasedUntil, dueAt: leasedUntil, attempts: { increment: 1 } },
    })
    return payment ?? null
  }

  /** The step is done. Word that came from the provider in the meantime is followed at once. */
  async release({ id, hints }: Payment): Promise<void> {
    const now = this.clock.now()
    await this.prisma.$executeRaw`
      UPDATE payments SET leased_until = NULL, last_error = NULL, stuck_since = NULL, attempts = 0,
        due_at = CASE WHEN hints = ${hints} OR state IN ('SUCCEEDED', 'REFUNDED') THEN NULL ELSE ${now}::timestamptz END
      WHERE id = ${id}`
  }

  /** To be tried again later, each time after a longer pause; in the end only when somebody says so. */
  async postpone({ id, attempts, hints }: Payment, why: string): Promise<{ stuck: boolean }> {
    const now = this.clock.now()
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), MAX_PAUSE_MS)
    const stuck = attempts >= MAX_ATTEMPTS
    const next = stuck ? null : new Date(now.getTime() + pause)
    await this.prisma.$executeRaw`
      UPDATE payments SET leased_until = NULL, last_error = ${why.slice(0, MAX_ERROR)},
        stuck_since = CASE WHEN hints = ${hints} AND ${stuck} THEN COALESCE(stuck_since, ${now}::timestamptz) END,
        due_at = CASE WHEN hints = ${hints} THEN ${next}::timestamptz ELSE ${now}::timestamptz END
      WHERE id = ${id}`
    return { stuck }
  }

  /** The provider, or an operator, has said something: it is looked at anew. Answers how many payments that is. */
  async wake(where: Prisma.PaymentWhereInput): Promise<number> {
    const data = { dueAt: this.clock.now(), hints: { increment: 1 }, attempts: 0, stuckSince: null }
    const { count } = await this.prisma.payment.updateMany({ where: { ...where, ...OPEN }, data })
    return count
  }

  async due(limit: number): Promise<{ id: string; dueAt: Date | null }[]> {
    return this.prisma.payment.findMany({
      where: { ...OPEN, dueAt: { lte: this.clock.now() } },
      orderBy: { dueAt: 'asc' },
      select: { id: true, dueAt: true },
      take: limit,
    })
  }

  async know(id: string, reference: string): Promise<void> {
    await this.prisma.payment.update({ where: { id }, data: { reference } })
  }

  /** From one state to the next, exactly once. Throws when it was not in that state any more. */
  async move(
    rows: Rows,
    id: string,
    from: PaymentState,
    data: Prisma.PaymentUncheckedUpdateManyInput & { state: PaymentState },
  ): Promise<void> {
    const { count } = await rows.payment.updateMany({ where: { id, state: from }, data: { ...data, token: null } })
    if (count !== 1) throw new Error(`payment ${id} is not ${from} any more`)
  }
}
