import { Injectable } from '@nestjs/common'
import { PaymentJobs } from './payment-jobs.js'
import { PaymentStore } from '../payment-store.js'
import { PaymentRows } from './payment-rows.js'

/** Handles the provider's notifications: each one triggers a read of the payment's status. */
@Injectable()
export class PaymentNotifications {
  constructor(
    private readonly payments: PaymentStore,
    private readonly rows: PaymentRows,
    private readonly jobs: PaymentJobs,
  ) {}

  /**
   * Resolves once the update is stored in the payment's row. `returned`: it concerns a refund or a dispute. Unknown
   * payments are ignored, and other updates of final ones.
   */
  async handleUpdate(reference: string, returned = false): Promise<void> {
    if (!(await this.rows.markDue({ reference }, returned))) return
    const id = await this.payments.idOf(reference)
    if (id !== null) this.jobs.tryEnqueue([id])
  }
}
