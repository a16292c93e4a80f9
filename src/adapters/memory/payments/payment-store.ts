import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import type { DisputeState } from '../../../payments/providers/payment-provider.js'
import {
  PAYMENT_STATES,
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
import { definedValues } from '../defined-values.js'
import type { MemoryDatabase } from '../memory-database.js'
import { byId, byInstantAndId } from '../sorting.js'
import { assertPayment } from './payment-checks.js'

const isFinal = ({ state }: Payment) => state === 'SUCCEEDED' || state === 'REFUNDED'
const isOpen = (payment: Payment) => !isFinal(payment) || payment.recheck
/** The position of the unique key among those of the table. */
const REFERENCE = 1

/** What a new payment has none of yet. */
const NOT_PROCESSED = {
  state: 'PENDING',
  reference: null,
  reason: null,
  replacementHoldId: null,
  leasedUntil: null,
  hints: 0,
  attempts: 0,
  lastError: null,
  stuckSince: null,
  settledAt: null,
  refundedAt: null,
  clientSecret: null,
  refundedAmount: 0n,
  refundState: null,
  refundFailure: null,
  disputeState: null,
  disputedAt: null,
  recheck: false,
} as const

export class MemoryPaymentStore extends PaymentStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async find(paymentId: string): Promise<Payment | null> {
    this.database.assertAvailable()
    return this.database.payments.get(null, paymentId) ?? null
  }

  async idOf(reference: string): Promise<string | null> {
    this.database.assertAvailable()
    return this.database.payments.getUnique(null, reference, REFERENCE)?.id ?? null
  }

  async newest({ state, stuck, disputed, eventId, before }: PaymentFilter, limit: number): Promise<Payment[]> {
    this.database.assertAvailable()
    const found = this.database.payments.where(
      null,
      (payment) =>
        (state === undefined || payment.state === state) &&
        (!stuck || payment.stuckSince !== null) &&
        (!disputed || payment.disputeState !== null) &&
        (eventId === undefined || payment.eventId === eventId) &&
        (before === undefined || payment.id < before),
    )
    return found.toSorted(byId).toReversed().slice(0, limit)
  }

  async insert(transaction: DatabaseTransaction, payments: readonly NewPayment[]): Promise<void> {
    this.database.assertAvailable()
    for (const payment of payments) {
      const row = { ...NOT_PROCESSED, ...payment }
      assertPayment(row)
      await this.database.payments.insert(transaction, row)
    }
  }

  async stateOf(transaction: DatabaseTransaction, paymentId: string): Promise<PaymentState> {
    this.database.assertAvailable()
    const payment = this.database.payments.get(transaction, paymentId)
    if (!payment) throw new Error(`there is no payment ${paymentId}`)
    return payment.state
  }

  async lease(paymentId: string, now: Date, leasedUntil: Date): Promise<Payment | null> {
    this.database.assertAvailable()
    let leased: Payment | null = null
    const isLeased = await this.database.payments.update(
      null,
      paymentId,
      (payment) => {
        leased = { ...payment, leasedUntil, dueAt: leasedUntil, attempts: payment.attempts + 1 }
        return leased
      },
      (payment) => isOpen(payment) && (payment.leasedUntil === null || payment.leasedUntil <= now),
    )
    return isLeased ? leased : null
  }

  async release({ id, hints }: Pick<Payment, 'id' | 'hints'>, now: Date, next: Date | null = null): Promise<void> {
    this.database.assertAvailable()
    const done = { leasedUntil: null, lastError: null, stuckSince: null, attempts: 0 }
    await this.database.payments.update(null, id, (payment) => {
      const isHinted = payment.hints !== hints
      const recheck = payment.recheck && isHinted
      const dueAt = isHinted ? now : next
      return { ...done, recheck, dueAt: isFinal(payment) && !recheck ? null : dueAt }
    })
  }

  async retry(
    { id, hints }: Pick<Payment, 'id' | 'hints'>,
    { error, dueAt, stuck = dueAt === null }: PaymentRetry,
    now: Date,
  ): Promise<void> {
    this.database.assertAvailable()
    await this.database.payments.update(null, id, (payment) => {
      const isHinted = payment.hints !== hints
      const stuckSince = isHinted || !stuck ? null : (payment.stuckSince ?? now)
      return { leasedUntil: null, lastError: error, stuckSince, dueAt: isHinted ? now : dueAt }
    })
  }

  async markDue(payment: { id: string } | { reference: string }, now: Date, recheck = false): Promise<boolean> {
    this.database.assertAvailable()
    const { payments } = this.database
    const id = 'id' in payment ? payment.id : payments.getUnique(null, payment.reference, REFERENCE)?.id
    if (id === undefined) return false
    const due = { dueAt: now, attempts: 0, stuckSince: null, ...(recheck ? { recheck } : {}) }
    return payments.update(
      null,
      id,
      ({ hints }) => ({ ...due, hints: hints + 1 }),
      (row) => recheck || !isFinal(row),
    )
  }

  async due(at: Date, limit: number): Promise<Pick<Payment, 'id' | 'dueAt'>[]> {
    this.database.assertAvailable()
    const isDue = (payment: Payment) => payment.dueAt !== null && payment.dueAt <= at && isOpen(payment)
    const found = PAYMENT_STATES.flatMap((state) => this.database.payments.whereKey(null, 'state', state, isDue))
    const longestDue = found.toSorted(byInstantAndId(({ dueAt }) => dueAt)).slice(0, limit)
    return longestDue.map(({ id, dueAt }) => ({ id, dueAt }))
  }

  async setReference(paymentId: string, reference: string): Promise<void> {
    this.database.assertAvailable()
    if (!(await this.database.payments.update(null, paymentId, { reference })))
      throw new Error(`there is no payment ${paymentId}`)
  }

  async setClientSecret(paymentId: string, clientSecret: string): Promise<void> {
    this.database.assertAvailable()
    await this.database.payments.update(null, paymentId, { clientSecret }, ({ state }) => state === 'PENDING')
  }

  async setReturns(transaction: DatabaseTransaction, paymentId: string, returns: ReadReturns): Promise<void> {
    this.database.assertAvailable()
    if (!(await this.database.payments.update(transaction, paymentId, returns)))
      throw new Error(`there is no payment ${paymentId}`)
  }

  async reportDispute(reference: string, state: DisputeState, at: Date): Promise<string | null> {
    const id = await this.idOf(reference)
    if (id === null) return null
    const isChanged = await this.database.payments.update(
      null,
      id,
      ({ disputedAt }) => ({ disputeState: state, disputedAt: disputedAt ?? at }),
      ({ disputeState }) => disputeState === null || (disputeState === 'OPEN' && state !== 'OPEN'),
    )
    return isChanged ? id : null
  }

  async ofOrder(transaction: DatabaseTransaction, orderId: string): Promise<Payment | null> {
    this.database.assertAvailable()
    const [hold] = this.database.holds.where(transaction, (row) => row.orderId === orderId)
    if (!hold) return null
    const { payments } = this.database
    return payments.where(transaction, (row) => (row.replacementHoldId ?? row.holdId) === hold.id)[0] ?? null
  }

  async otherPurchase(
    transaction: DatabaseTransaction,
    { id, eventId, buyerEmail }: Pick<Payment, 'id' | 'eventId' | 'buyerEmail'>,
    accountId: string | null,
  ): Promise<OtherPurchase | null> {
    this.database.assertAvailable()
    const { holds, orders, payments, tickets } = this.database
    const isSameEmail = (email: string | null) => email?.toLowerCase() === buyerEmail.toLowerCase()
    const own = holds.where(transaction, (hold) => accountId !== null && hold.accountId === accountId)
    const ownHolds = new Set(own.map((hold) => hold.id))
    const ownOrders = new Set(own.map(({ orderId }) => orderId))
    const bought = orders
      .whereKey(transaction, 'eventId', eventId)
      .filter((order) => isSameEmail(order.buyerEmail) || ownOrders.has(order.id))
      .some((order) => tickets.whereKey(transaction, 'orderId', order.id, ({ state }) => state === 'VALID').length > 0)
    if (bought) return 'BOUGHT'
    const isOther = (row: Payment) => row.eventId === eventId && row.id !== id
    const [pending] = payments
      .whereKey(transaction, 'state', 'PENDING', isOther)
      .filter((row) => isSameEmail(row.buyerEmail) || ownHolds.has(row.holdId))
    return pending ? 'BEING_PAID' : null
  }

  async declined(
    transaction: DatabaseTransaction,
    accountIds: readonly string[],
    emails: readonly string[],
    since: Date,
  ): Promise<DeclinedPayment[]> {
    this.database.assertAvailable()
    const failed = this.database.payments.whereKey(transaction, 'state', 'FAILED')
    return failed.toSorted(byId).flatMap(({ holdId, buyerEmail, settledAt: failedAt }) => {
      const accountId = this.database.holds.get(transaction, holdId)?.accountId ?? null
      const email = buyerEmail.toLowerCase()
      const isListed = (accountId !== null && accountIds.includes(accountId)) || emails.includes(email)
      return isListed && failedAt !== null && failedAt > since ? [{ accountId, buyerEmail: email, failedAt }] : []
    })
  }

  async transition(
    transaction: DatabaseTransaction,
    paymentId: string,
    from: PaymentState,
    to: PaymentTransition,
  ): Promise<boolean> {
    this.database.assertAvailable()
    const change = { ...definedValues(to), token: null, clientSecret: null }
    const moved = ({ hints }: Payment) => ({ ...change, hints: to.dueAt ? hints + 1 : hints })
    return this.database.payments.update(transaction, paymentId, moved, ({ state }) => state === from)
  }
}
