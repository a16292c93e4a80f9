import { Injectable, Logger } from '@nestjs/common'
import { Clock } from '../../infrastructure/time/clock.js'
import { Metrics } from '../../infrastructure/metrics/metrics.js'
import { PaymentStore } from '../payment-store.js'
import type { DisputeState } from '../providers/payment-provider.js'

/** Disputes as they are reported, which an operator has to learn of. */
@Injectable()
export class DisputeReports {
  private readonly logger = new Logger('Payments')
  private readonly disputes

  constructor(
    private readonly payments: PaymentStore,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.disputes = metrics.counter('payment_disputes_total', 'Disputes of payments by their state', ['state'])
  }

  /** Stores what a notification reports. It may be late: a decided dispute stays decided. */
  async record(reference: string, state: DisputeState): Promise<void> {
    const id = await this.payments.reportDispute(reference, state, this.clock.now())
    if (id !== null) this.announce(id, state)
  }

  announce(paymentId: string, disputeState: DisputeState): void {
    this.disputes.inc({ state: disputeState.toLowerCase() })
    this.logger.error({ paymentId, disputeState }, 'payment is disputed')
  }
}
