import { Injectable } from '@nestjs/common'
import type { Lane, Platform } from '../../domain/channel.js'
import type { OrderSnapshot } from '../../domain/orders/order-snapshot.js'
import { JobQueues } from '../../infrastructure/queues/job-queues.js'
import { QUEUES } from '../../infrastructure/queues/queue-names.js'
import { Clock } from '../../infrastructure/time/clock.js'
import type { ListScope } from '../../platforms/port.js'
import { traitsOf } from '../../platforms/registry.js'
import { connectionOf, type AcceptedDelivery } from '../receive/accepted-delivery.js'

/** A snapshot as serialized in a job: dates as text. */
export type QueuedSnapshot = Omit<OrderSnapshot, 'placedAt'> & { placedAt: string | null }

export interface ChangesJob {
  kind: 'changes'
  channelId: string
  scope: ListScope
  lane: Lane
  requestedAt: string
}

export interface OrderJob {
  kind: 'order'
  platform: Platform
  orderId: string
  externalEventId: string | null
  /** The order as the delivery's payload shows it; a cancellation in it counts where the platform no longer knows the order. */
  payloadSnapshot: QueuedSnapshot | null
  delivery: AcceptedDelivery
}

export type FetchJob = ChangesJob | OrderJob

const RETRIES = { attempts: 6, backoffMs: 3_000 }

/**
 * The queue of requested reads. A read starts when the coalescing time is over and serves every request made until then;
 * a later request starts another read, so that no change is lost.
 */
@Injectable()
export class FetchJobs {
  constructor(
    private readonly queues: JobQueues,
    private readonly clock: Clock,
  ) {}

  async enqueueChanges(channel: { id: string; platform: Platform }, scope: ListScope, lane: Lane): Promise<void> {
    const job: ChangesJob = {
      kind: 'changes',
      channelId: channel.id,
      scope,
      lane,
      requestedAt: this.clock.now().toISOString(),
    }
    await this.add(`changes-${scope}-${channel.id}`, job, traitsOf(channel.platform).coalesceMs)
  }

  /** A scheduled read: deduplicated while one for the same listing and lane is queued or running. */
  async enqueueScheduled(channel: { id: string; platform: Platform }, scope: ListScope, lane: Lane): Promise<void> {
    const job: ChangesJob = {
      kind: 'changes',
      channelId: channel.id,
      scope,
      lane,
      requestedAt: this.clock.now().toISOString(),
    }
    const deduplication = { id: `planned-${lane}-${scope}-${channel.id}` }
    await this.queues.add(QUEUES.reads, { name: job.kind, data: job, deduplication, ...RETRIES })
  }

  async enqueueOrder(job: Omit<OrderJob, 'kind'>): Promise<void> {
    const id = `order-${connectionOf(job.delivery)}-${job.externalEventId ?? ''}-${job.orderId}`
    await this.add(id, { kind: 'order', ...job }, traitsOf(job.platform).coalesceMs)
  }

  private async add(id: string, data: FetchJob, delayMs: number): Promise<void> {
    const deduplication = { id, ttlMs: delayMs }
    await this.queues.add(QUEUES.reads, { name: data.kind, data, delayMs, deduplication, ...RETRIES })
  }
}
