import { Injectable } from '@nestjs/common'
import { ChannelStore } from '../../channels/channel-store.js'
import { JobHandler } from '../../infrastructure/background/job-handler.js'
import { withCorrelation } from '../../infrastructure/logging/correlation.js'
import { RetryLaterError } from '../../infrastructure/queues/job-queues.js'
import { QUEUES } from '../../infrastructure/queues/queue-names.js'
import { Clock } from '../../infrastructure/time/clock.js'
import type { AcceptedDelivery } from '../receive/accepted-delivery.js'
import { ChangesFetcher } from './changes-fetcher.js'
import { HintRouter } from '../route/hint-router.js'
import { DeadLetterStore } from '../dead-letters/dead-letter-store.js'
import { OrderFetcher } from './order-fetcher.js'
import { FetchJobs, type FetchJob } from '../route/fetch-jobs.js'
import { SweepStore } from '../polling/sweep-store.js'
import { UnreadOrders } from './unread-orders.js'

/** Reads call platforms, deliveries do not. */
const DELIVERY_CONCURRENCY = 20
const FETCH_CONCURRENCY = 10
const MAX_FAILURE_LENGTH = 500

/** Processes the inbound queues. */
@Injectable()
export class InboundWorkers {
  constructor(
    private readonly channels: ChannelStore,
    private readonly sweeps: SweepStore,
    private readonly router: HintRouter,
    private readonly orders: OrderFetcher,
    private readonly changes: ChangesFetcher,
    private readonly unread: UnreadOrders,
    private readonly fetchJobs: FetchJobs,
    private readonly deadLetters: DeadLetterStore,
    private readonly clock: Clock,
  ) {}

  @JobHandler<InboundWorkers, AcceptedDelivery>({
    queue: QUEUES.deliveries,
    concurrency: DELIVERY_CONCURRENCY,
    onExhausted: ({ deadLetters }, delivery, error) => deadLetters.add(delivery, 'FAILED', error.message),
    // The body is in the dead letter by then, where it is erased with the person.
    removeExhausted: () => true,
  })
  async route(delivery: AcceptedDelivery): Promise<void> {
    await withCorrelation(delivery.correlationId, () => this.router.route(delivery))
  }

  @JobHandler<InboundWorkers, FetchJob>({
    queue: QUEUES.reads,
    concurrency: FETCH_CONCURRENCY,
    onExhausted: async ({ deadLetters }, job, error) => {
      if (job.kind === 'order') await deadLetters.add(job.delivery, 'FAILED', error.message)
    },
    removeExhausted: ({ kind }) => kind === 'order',
  })
  async fetch(job: FetchJob): Promise<void> {
    if (job.kind === 'order') return withCorrelation(job.delivery.correlationId, () => this.orders.fetch(job))
    const channel = await this.channels.find(null, job.channelId)
    // The import reads a listing in full, so a channel that is not imported yet is skipped.
    if (!channel?.importedAt || channel.detachedAt) return
    try {
      await this.changes.fetch(channel, job.scope, job.lane, new Date(job.requestedAt))
      if (await this.unread.fetch(channel)) await this.fetchJobs.enqueueChanges(channel, job.scope, job.lane)
    } catch (error) {
      if (!(error instanceof RetryLaterError)) await this.recordFailure(channel.id, error)
      throw error
    }
  }

  /** Stored until a later read succeeds, so that an alert about overdue reads can state the cause. */
  private async recordFailure(channelId: string, error: unknown): Promise<void> {
    const readFailure = (error instanceof Error ? error.message : String(error)).slice(0, MAX_FAILURE_LENGTH)
    await this.sweeps.update(channelId, { readFailure, readFailedAt: this.clock.now() })
  }
}
