import { Injectable } from '@nestjs/common'
import { Clock } from '../../infrastructure/time/clock.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import { PaymentStore, type Payment, type PaymentState, type PaymentTransition } from '../payment-store.js'

/** Longer than all provider calls of one step together. */
const LEASE_MS = 90_000
const MIN_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 300_000
/** About half an hour of retries; then the payment is stuck until an operator or a notification resumes it. */
const MAX_ATTEMPTS = 14
/** How often a payment is tried whose provider is not configured. */
const FOREIGN_RETRY_MS = 600_000
const MAX_ERROR_LENGTH = 300

/** Leases, retry schedule and state transitions of payments. */
@Injectable()
export class PaymentRows {
  constructor(
    private readonly payments: PaymentStore,
    private readonly clock: Clock,
  ) {}

  /** Leases the payment; null when it is final or leased by another worker. */
  lease(id: string): Promise<Payment | null> {
    const now = this.clock.now()
    return this.payments.lease(id, now, new Date(now.getTime() + LEASE_MS))
  }

  /** Ends the lease after a completed step. Due again at `next`, and at once if a notification arrived in the meantime. */
  release(payment: Payment, next: Date | null = null): Promise<void> {
    return this.payments.release(payment, this.clock.now(), next)
  }

  /**
   * Schedules a retry with exponential backoff, at `until` at the latest; after the last attempt the payment is stuck,
   * unless it ends by itself then.
   */
  async scheduleRetry(payment: Payment, error: string, until: Date | null = null): Promise<{ stuck: boolean }> {
    const { attempts } = payment
    const now = this.clock.now()
    const backoffMs = Math.min(MIN_BACKOFF_MS * 2 ** (attempts - 1), MAX_BACKOFF_MS)
    const next = new Date(now.getTime() + backoffMs)
    const stuck = attempts >= MAX_ATTEMPTS && until === null
    const bounded = until !== null && until > now && until < next ? until : next
    const dueAt = stuck ? null : bounded
    await this.payments.retry(payment, { error: error.slice(0, MAX_ERROR_LENGTH), dueAt }, now)
    return { stuck }
  }

  /** Only an operator can resume it. */
  markStuck(payment: Payment, error: string): Promise<void> {
    return this.payments.retry(payment, { error: error.slice(0, MAX_ERROR_LENGTH), dueAt: null }, this.clock.now())
  }

  /** Stuck until its provider is configured. */
  markForeign(payment: Payment): Promise<void> {
    const now = this.clock.now()
    const error = `${payment.provider} took this payment and is not configured here`
    const dueAt = new Date(now.getTime() + FOREIGN_RETRY_MS)
    return this.payments.retry(payment, { error, dueAt, stuck: true }, now)
  }

  /**
   * Makes a payment due now, after a notification or an operator's request. `recheck`: it concerns refunds or disputes.
   * False: it is final or unknown.
   */
  markDue(payment: { id: string } | { reference: string }, recheck = false): Promise<boolean> {
    return this.payments.markDue(payment, this.clock.now(), recheck)
  }

  findDue(limit: number): Promise<Pick<Payment, 'id' | 'dueAt'>[]> {
    return this.payments.due(this.clock.now(), limit)
  }

  setReference(id: string, reference: string): Promise<void> {
    return this.payments.setReference(id, reference)
  }

  /** Stored for the buyer's page until the payment is decided. */
  async setClientSecret(payment: Payment, clientSecret: string): Promise<void> {
    if (payment.clientSecret !== clientSecret) await this.payments.setClientSecret(payment.id, clientSecret)
  }

  /** Moves a payment from one state to the next, exactly once. Throws when it is no longer in state `from`. */
  async transition(
    transaction: DatabaseTransaction,
    id: string,
    from: PaymentState,
    to: PaymentTransition,
  ): Promise<void> {
    if (!(await this.payments.transition(transaction, id, from, to)))
      throw new Error(`payment ${id} is no longer ${from}`)
  }
}
