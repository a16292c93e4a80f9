import { Injectable } from '@nestjs/common'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { PaymentJobs } from './payment-jobs.js'
import { PaymentRows } from './payment-rows.js'

/** The provider has told something of a payment: it is asked how that payment stands. */
@Injectable()
export class PaymentNotifications {
  constructor(
    private readonly prisma: PrismaService,
    private readonly rows: PaymentRows,
    private readonly jobs: PaymentJobs,
  ) {}

  /** Durable, in the payment's row, when it resolves. Payments of others, and those that are over, need no work. */
  async of(reference: string): Promise<void> {
    if ((await this.rows.wake({ reference })) === 0) return
    const payment = await this.prisma.payment.findUnique({ where: { reference }, select: { id: true } })
    if (payment) this.jobs.hurry([payment.id])
  }
}
