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

  /** Resolves once the update is stored in the payment's row. Unknown and final payments are ignored. */
  async handleUpdate(reference: string): Promise<void> {
    if (!(await this.rows.markDue({ reference }))) return
    const id = await this.payments.idOf(reference)
    if (id !== null) this.jobs.tryEnqueue([id])
  }
}
