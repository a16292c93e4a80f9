import { Injectable } from '@nestjs/common'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { PaymentJobs } from './payment-jobs.js'
import { PaymentRows } from './payment-rows.js'

/** Handles the provider's notifications: each one triggers a read of the payment's status. */
@Injectable()
export class PaymentNotifications {
  constructor(
    private readonly prisma: PrismaService,
    private readonly rows: PaymentRows,
    private readonly jobs: PaymentJobs,
  ) {}

  /** Resolves once the update is stored in the payment's row. Unknown and final payments are ignored. */
  async handleUpdate(reference: string): Promise<void> {
    if ((await this.rows.markDue({ reference })) === 0) return
    const payment = await this.prisma.payment.findUnique({ where: { reference }, select: { id: true } })
    if (payment) this.jobs.tryEnqueue([payment.id])
  }
}
