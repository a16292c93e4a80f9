import { Injectable } from '@nestjs/common'
import { withCorrelation } from '../infrastructure/logging/correlation.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { QUEUES } from '../infrastructure/queues/queue-names.js'
import { RetryLaterError, Workers } from '../infrastructure/queues/workers.js'
import type { AcceptedDelivery } from './accepted-delivery.js'
import { ChangesReader } from './changes-reader.js'
import { HintRouter } from './hint-router.js'
import { DeadLetterStore } from './dead-letter-store.js'
import { OrderReader } from './order-reader.js'
import type { ReadJob } from './read-jobs.js'

/** Deliveries cost no platform call, reads do. */
const DELIVERIES_AT_ONCE = 20
const READS_AT_ONCE = 10
const MAX_TEXT = 500

/** What works on the inbound queues. */
@Injectable()
export class InboundWorkers {
  constructor(
    private readonly prisma: PrismaService,
    private readonly workers: Workers,
    private readonly router: HintRouter,
    private readonly orders: OrderReader,
    private readonly changes: ChangesReader,
    private readonly kept: DeadLetterStore,
  ) {}

  start(): void {
    this.workers.start<AcceptedDelivery>({
      queue: QUEUES.deliveries,
      concurrency: DELIVERIES_AT_ONCE,
      handle: (delivery) => withCorrelation(delivery.correlationId, () => this.router.route(delivery)),
      onExhausted: (delivery, error) => this.kept.keep(delivery, 'FAILED', error.message),
    })
    this.workers.start<ReadJob>({
      queue: QUEUES.reads,
      concurrency: READS_AT_ONCE,
      handle: (job) => this.read(job),
      onExhausted: async (job, error) => {
        if (job.kind === 'order') await this.kept.keep(job.delivery, 'FAILED', error.message)
      },
    })
  }

  private async read(job: ReadJob): Promise<void> {
    if (job.kind === 'order') return withCorrelation(job.delivery.correlationId, () => this.orders.read(job))
    const channel = await this.prisma.channel.findUnique({ where: { id: job.channelId } })
    // One that is not adopted yet is read whole when it is.
    if (!channel?.importedAt || channel.detachedAt) return
    try {
      await this.changes.read(channel, job.scope, job.lane, new Date(job.askedAt))
    } catch (error) {
      if (!(error instanceof RetryLaterError)) await this.noteFailure(channel.id, error)
      throw error
    }
  }

  /** Kept until a later read succeeds: an alert about a listing that is not read says why. */
  private async noteFailure(channelId: string, error: unknown): Promise<void> {
    const readFailure = (error instanceof Error ? error.message : String(error)).slice(0, MAX_TEXT)
    await this.prisma.channelSweep.updateMany({ where: { channelId }, data: { readFailure, readFailedAt: new Date() } })
  }
}
