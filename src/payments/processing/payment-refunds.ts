import { Injectable } from '@nestjs/common'
import { Clock } from '../../infrastructure/time/clock.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import { PaymentStore } from '../payment-store.js'
import { PaymentJobs } from './payment-jobs.js'

/** Refunds of direct orders that are taken back. */
@Injectable()
export class PaymentRefunds {
  constructor(
    private readonly payments: PaymentStore,
    private readonly jobs: PaymentJobs,
    private readonly clock: Clock,
  ) {}

  /**
   * Marks the full amount of a direct order as due to its buyer, in the caller's transaction, which also takes its tickets
   * back; `start` follows after it has committed. The reason is part of the mail to the buyer. Returns the payment's id;
   * null: nothing was paid, or it is refunded already. Idempotent.
   */
  async request(transaction: DatabaseTransaction, orderId: string, reason: string): Promise<string | null> {
    const payment = await this.payments.ofOrder(transaction, orderId)
    if (payment?.state !== 'SUCCEEDED') return null
    const due = { state: 'REFUND_DUE', reason, dueAt: this.clock.now() } as const
    // Under the event's lock only one thing can have ended that state since then: a refund made at the provider.
    return (await this.payments.transition(transaction, payment.id, 'SUCCEEDED', due)) ? payment.id : null
  }

  /** Refunds it now; otherwise the sweep does. */
  start(paymentId: string): void {
    this.jobs.tryEnqueue([paymentId])
  }
}
