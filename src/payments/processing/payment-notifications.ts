import { Injectable } from '@nestjs/common'
import type { DisputeState } from '../providers/payment-provider.js'
import { DisputeReports } from './dispute-reports.js'
import { PaymentJobs } from './payment-jobs.js'
import { PaymentStore } from '../payment-store.js'
import { PaymentRows } from './payment-rows.js'

interface PaymentUpdate {
  returned: boolean
  /** As reported; null: it concerns no dispute. */
  dispute: DisputeState | null
}

/** Handles the provider's notifications: each one triggers a read of the payment's status. */
@Injectable()
export class PaymentNotifications {
  constructor(
    private readonly payments: PaymentStore,
    private readonly rows: PaymentRows,
    private readonly jobs: PaymentJobs,
    private readonly disputes: DisputeReports,
  ) {}

  /**
   * Resolves once the update is stored in the payment's row. `returned`: it concerns a refund or a dispute. Unknown
   * payments are ignored, and other updates of final ones.
   */
  async handleUpdate(reference: string, { returned, dispute }: PaymentUpdate): Promise<void> {
    if (dispute !== null) await this.disputes.record(reference, dispute)
    if (!(await this.rows.markDue({ reference }, returned))) return
    const id = await this.payments.idOf(reference)
    if (id !== null) this.jobs.tryEnqueue([id])
  }
}
