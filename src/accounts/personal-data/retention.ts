import { Injectable, Logger } from '@nestjs/common'
import { DEFAULT_DURATION_MS } from '../../domain/events/event-state.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { Config } from '../../infrastructure/config/config.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { ERASED } from '../../infrastructure/text/erased.js'
import { Clock } from '../../infrastructure/time/clock.js'

const INTERVAL_MS = 6 * 3_600_000
const DAY_MS = 86_400_000
/** Rows per statement, so that none holds many locks. */
const BATCH = 1_000
const MAX_BATCHES = 1_000

/**
 * Erases the personal data of events that ended RETENTION_DAYS ago, and deletes deliveries and inbox entries of that age.
 * Orders, tickets and payments keep their numbers; a payment that is not settled keeps its buyer until it is.
 */
@Injectable()
export class Retention {
  private readonly logger = new Logger('Retention')

  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  @Periodic({ name: 'personal data retention', every: INTERVAL_MS })
  async erase(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - this.config.retentionDays * DAY_MS)
    const erased = {
      orders: await this.inBatches(() => this.eraseOrders(before)),
      tickets: await this.inBatches(() => this.eraseHolders(before)),
      payments: await this.inBatches(() => this.erasePayments(before)),
      waitlistEntries: await this.inBatches(() => this.eraseEntries(before)),
      deliveries: await this.inBatches(() => this.deleteDeliveries(before)),
      inboxEntries: await this.inBatches(() => this.deleteInboxEntries(before)),
    }
    if (Object.values(erased).some((count) => count > 0)) this.logger.log(erased, 'erased old personal data')
  }

  private async inBatches(erase: () => Promise<number>): Promise<number> {
    let total = 0
    for (let batch = 0; batch < MAX_BATCHES; batch++) {
      const count = await erase()
      total += count
      if (count < BATCH) break
    }
    return total
  }

  private eraseOrders(before: Date): Promise<number> {
    return this.prisma.$executeRaw`
      UPDATE orders SET buyer_name = NULL, buyer_email = NULL, buyer_erased_at = ${this.clock.now()} WHERE id IN (
        SELECT o.id FROM orders o JOIN events e ON e.id = o.event_id
        WHERE (o.buyer_name IS NOT NULL OR o.buyer_email IS NOT NULL)
          AND COALESCE(e.ends_at, e.starts_at + ${DEFAULT_DURATION_MS / 1_000} * interval '1 second') < ${before}
        LIMIT ${BATCH})`
  }

  /** With the code of the platform, which leads to its page about the guest, and the phone of the check-in. */
  private async eraseHolders(before: Date): Promise<number> {
    const erased = await this.prisma.$queryRaw<{ id: string }[]>`
      UPDATE tickets SET holder_name = NULL, holder_email = NULL, holder_key = DEFAULT, external_code = NULL,
        holder_erased_at = ${this.clock.now()} WHERE id IN (
        SELECT t.id FROM tickets t JOIN events e ON e.id = t.event_id
        WHERE (t.holder_name IS NOT NULL OR t.holder_email IS NOT NULL OR t.external_code IS NOT NULL)
          AND COALESCE(e.ends_at, e.starts_at + ${DEFAULT_DURATION_MS / 1_000} * interval '1 second') < ${before}
        LIMIT ${BATCH}) RETURNING id`
    const ticketId = { in: erased.map(({ id }) => id) }
    await this.prisma.checkIn.updateMany({ where: { ticketId }, data: { deviceId: null } })
    return erased.length
  }

  private erasePayments(before: Date): Promise<number> {
    return this.prisma.$executeRaw`
      UPDATE payments SET buyer_name = ${ERASED}, buyer_email = ${ERASED} WHERE id IN (
        SELECT p.id FROM payments p JOIN events e ON e.id = p.event_id
        WHERE p.buyer_email <> ${ERASED} AND p.state NOT IN ('PENDING', 'REFUND_DUE')
          AND COALESCE(e.ends_at, e.starts_at + ${DEFAULT_DURATION_MS / 1_000} * interval '1 second') < ${before}
        LIMIT ${BATCH})`
  }

  private eraseEntries(before: Date): Promise<number> {
    return this.prisma.$executeRaw`
      UPDATE waitlist_entries SET name = ${ERASED}, email = ${ERASED} WHERE id IN (
        SELECT w.id FROM waitlist_entries w JOIN events e ON e.id = w.event_id
        WHERE w.email <> ${ERASED}
          AND COALESCE(e.ends_at, e.starts_at + ${DEFAULT_DURATION_MS / 1_000} * interval '1 second') < ${before}
        LIMIT ${BATCH})`
  }

  private deleteDeliveries(before: Date): Promise<number> {
    return this.prisma.$executeRaw`
      DELETE FROM webhook_deliveries WHERE id IN (
        SELECT id FROM webhook_deliveries WHERE received_at < ${before} LIMIT ${BATCH})`
  }

  private deleteInboxEntries(before: Date): Promise<number> {
    return this.prisma.$executeRaw`
      DELETE FROM webhook_inbox WHERE id IN (
        SELECT id FROM webhook_inbox WHERE drained_at IS NOT NULL AND received_at < ${before} LIMIT ${BATCH})`
  }
}
