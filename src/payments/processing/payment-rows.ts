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

  /** Ends the lease after a completed step. Due again at once if a notification arrived in the meantime. */
  release(payment: Payment): Promise<void> {
    return this.payments.release(payment, this.clock.now())
  }

  /** Schedules a retry with exponential backoff; after the last attempt the payment is stuck. */
  async scheduleRetry(payment: Payment, error: string): Promise<{ stuck: boolean }> {
    const { attempts } = payment
    const now = this.clock.now()
    const backoffMs = Math.min(MIN_BACKOFF_MS * 2 ** (attempts - 1), MAX_BACKOFF_MS)
    const stuck = attempts >= MAX_ATTEMPTS
    const dueAt = stuck ? null : new Date(now.getTime() + backoffMs)
    await this.payments.retry(payment, { error: error.slice(0, MAX_ERROR_LENGTH), dueAt }, now)
    return { stuck }
  }

  /** Makes a payment due now, after a notification or an operator's request. False: it is final or unknown. */
  markDue(payment: { id: string } | { reference: string }): Promise<boolean> {
    return this.payments.markDue(payment, this.clock.now())
  }

  findDue(limit: number): Promise<Pick<Payment, 'id' | 'dueAt'>[]> {
    return this.payments.due(this.clock.now(), limit)
  }

  setReference(id: string, reference: string): Promise<void> {
    return this.payments.setReference(id, reference)
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
