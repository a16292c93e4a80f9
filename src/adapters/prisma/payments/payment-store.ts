import type { Prisma, PrismaClient } from '../../../generated/prisma/client.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import type { DisputeState } from '../../../payments/providers/payment-provider.js'
import {
  PaymentStore,
  type NewPayment,
  type OtherPurchase,
  type Payment,
  type PaymentFilter,
  type PaymentRetry,
  type ReadReturns,
  type PaymentState,
  type PaymentTransition,
  type DeclinedPayment,
} from '../../../payments/payment-store.js'

const NOT_FINAL = { state: { notIn: ['SUCCEEDED', 'REFUNDED'] satisfies PaymentState[] } }
const OPEN = { OR: [NOT_FINAL, { recheck: true }] }

export class PrismaPaymentStore extends PaymentStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  find(paymentId: string): Promise<Payment | null> {
    return this.prisma.payment.findUnique({ where: { id: paymentId } })
  }

  async idOf(reference: string): Promise<string | null> {
    const payment = await this.prisma.payment.findUnique({ where: { reference }, select: { id: true } })
    return payment?.id ?? null
  }

  newest({ state, stuck, disputed, eventId, before }: PaymentFilter, limit: number): Promise<Payment[]> {
    const where: Prisma.PaymentWhereInput = {
      ...(before === undefined ? {} : { id: { lt: before } }),
      ...(state === undefined ? {} : { state }),
      ...(stuck ? { stuckSince: { not: null } } : {}),
      ...(disputed ? { disputeState: { not: null } } : {}),
      ...(eventId === undefined ? {} : { eventId }),
    }
    return this.prisma.payment.findMany({ where, orderBy: { id: 'desc' }, take: limit })
  }

  async insert(transaction: DatabaseTransaction, payments: readonly NewPayment[]): Promise<void> {
    await clientOf(transaction).payment.createMany({ data: [...payments] })
  }

  async stateOf(transaction: DatabaseTransaction, paymentId: string): Promise<PaymentState> {
    const where = { id: paymentId }
    return (await clientOf(transaction).payment.findUniqueOrThrow({ where, select: { state: true } })).state
  }

  async lease(paymentId: string, now: Date, leasedUntil: Date): Promise<Payment | null> {
    const unleased = { OR: [{ leasedUntil: null }, { leasedUntil: { lte: now } }] }
    const [payment] = await this.prisma.payment.updateManyAndReturn({
      where: { id: paymentId, AND: [OPEN, unleased] },
      data: { leasedUntil, dueAt: leasedUntil, attempts: { increment: 1 } },
    })
    return payment ?? null
  }

  async release({ id, hints }: Pick<Payment, 'id' | 'hints'>, now: Date, next: Date | null = null): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE payments SET leased_until = NULL, last_error = NULL, stuck_since = NULL, attempts = 0,
        due_at = CASE
          WHEN state IN ('SUCCEEDED', 'REFUNDED') AND NOT (recheck AND hints <> ${hints}) THEN NULL
          WHEN hints = ${hints} THEN ${next}::timestamptz
          ELSE ${now}::timestamptz END,
        recheck = recheck AND hints <> ${hints}
      WHERE id = ${id}`
  }

  async retry(
    { id, hints }: Pick<Payment, 'id' | 'hints'>,
    { error, dueAt, stuck = dueAt === null }: PaymentRetry,
    now: Date,
  ): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE payments SET leased_until = NULL, last_error = ${error},
        stuck_since = CASE WHEN hints = ${hints} AND ${stuck} THEN COALESCE(stuck_since, ${now}::timestamptz) END,
        due_at = CASE WHEN hints = ${hints} THEN ${dueAt}::timestamptz ELSE ${now}::timestamptz END
      WHERE id = ${id}`
  }

  async markDue(payment: { id: string } | { reference: string }, now: Date, recheck = false): Promise<boolean> {
    const data = { dueAt: now, hints: { increment: 1 }, attempts: 0, stuckSince: null }
    const { count } = recheck
      ? await this.prisma.payment.updateMany({ where: payment, data: { ...data, recheck } })
      : await this.prisma.payment.updateMany({ where: { ...payment, ...NOT_FINAL }, data })
    return count > 0
  }

  due(at: Date, limit: number): Promise<Pick<Payment, 'id' | 'dueAt'>[]> {
    return this.prisma.payment.findMany({
      where: { ...OPEN, dueAt: { lte: at } },
      orderBy: [{ dueAt: 'asc' }, { id: 'asc' }],
      select: { id: true, dueAt: true },
      take: limit,
    })
  }

  async setReference(paymentId: string, reference: string): Promise<void> {
    await this.prisma.payment.update({ where: { id: paymentId }, data: { reference } })
  }

  async setClientSecret(paymentId: string, clientSecret: string): Promise<void> {
    await this.prisma.payment.updateMany({ where: { id: paymentId, state: 'PENDING' }, data: { clientSecret } })
  }

  async setReturns(transaction: DatabaseTransaction, paymentId: string, returns: ReadReturns): Promise<void> {
    await clientOf(transaction).payment.update({ where: { id: paymentId }, data: returns })
  }

  async reportDispute(reference: string, state: DisputeState, at: Date): Promise<string | null> {
    const [changed] = await this.prisma.$queryRaw<{ id: string }[]>`
      UPDATE payments SET dispute_state = ${state}::"DisputeState", disputed_at = COALESCE(disputed_at, ${at}::timestamptz)
      WHERE reference = ${reference} AND (dispute_state IS NULL OR (dispute_state = 'OPEN' AND ${state} <> 'OPEN'))
      RETURNING id`
    return changed?.id ?? null
  }

  ofOrder(transaction: DatabaseTransaction, orderId: string): Promise<Payment | null> {
    return clientOf(transaction).payment.findFirst({
      where: { OR: [{ replacementHold: { orderId } }, { hold: { orderId } }] },
    })
  }

  async otherPurchase(
    transaction: DatabaseTransaction,
    { id, eventId, buyerEmail }: Pick<Payment, 'id' | 'eventId' | 'buyerEmail'>,
    accountId: string | null,
  ): Promise<OtherPurchase | null> {
    // Not by Prisma's case-insensitive filter: there an underscore of an address would match any character.
    const [found] = await clientOf(transaction).$queryRaw<{ isBought: boolean; isPending: boolean }[]>`
      SELECT EXISTS (
          SELECT FROM tickets t JOIN orders o ON o.id = t.order_id LEFT JOIN holds h ON h.order_id = o.id
          WHERE t.event_id = ${eventId} AND t.state = 'VALID'
            AND (lower(o.buyer_email) = lower(${buyerEmail}) OR h.account_id = ${accountId}::text)) AS "isBought",
        EXISTS (
          SELECT FROM payments p JOIN holds h ON h.id = p.hold_id
          WHERE p.event_id = ${eventId} AND p.state = 'PENDING' AND p.id <> ${id}
            AND (lower(p.buyer_email) = lower(${buyerEmail}) OR h.account_id = ${accountId}::text)) AS "isPending"`
    if (found?.isBought) return 'BOUGHT'
    return found?.isPending ? 'BEING_PAID' : null
  }

  declined(
    transaction: DatabaseTransaction,
    accountIds: readonly string[],
    emails: readonly string[],
    since: Date,
  ): Promise<DeclinedPayment[]> {
    return clientOf(transaction).$queryRaw<DeclinedPayment[]>`
      SELECT h.account_id AS "accountId", lower(p.buyer_email) AS "buyerEmail", p.settled_at AS "failedAt"
      FROM payments p JOIN holds h ON h.id = p.hold_id
      WHERE p.state = 'FAILED' AND p.settled_at > ${since}::timestamptz
        AND (h.account_id = ANY(${accountIds}::text[]) OR lower(p.buyer_email) = ANY(${emails}::text[]))
      ORDER BY p.id`
  }

  async transition(
    transaction: DatabaseTransaction,
    paymentId: string,
    from: PaymentState,
    to: PaymentTransition,
  ): Promise<boolean> {
    const where = { id: paymentId, state: from }
    const { count } = await clientOf(transaction).payment.updateMany({
      where,
      data: { ...to, token: null, clientSecret: null, ...(to.dueAt ? { hints: { increment: 1 } } : {}) },
    })
    return count === 1
  }
}
