import { InjectQueue } from '@nestjs/bullmq'
import { Injectable } from '@nestjs/common'
import type { Queue } from 'bullmq'
import type { Platform } from '../domain/channel.js'
import type { Lane } from '../domain/channel.js'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import { QUEUES } from '../infrastructure/queues/queue-names.js'
import type { ListScope } from '../platforms/port.js'
import type { AcceptedDelivery } from './accepted-delivery.js'

/** A snapshot on its way through Redis: dates as text. */
export type QueuedSnapshot = Omit<OrderSnapshot, 'placedAt'> & { placedAt: string | null }

export interface ChangesJob {
  kind: 'changes'
  channelId: string
  scope: ListScope
  lane: Lane
  askedAt: string
}

export interface OrderJob {
  kind: 'order'
  platform: Platform
  orderId: string
  externalEventId: string | null
  /** What the delivery itself said of the order; believed only where the platform no longer knows it. */
  said: QueuedSnapshot | null
  delivery: AcceptedDelivery
}

export type ReadJob = ChangesJob | OrderJob

/** Deliveries about one order, or of one listing, that come within this time cause one read, ms. */
const GATHER_MS: Record<Platform, number> = { EVENTBRITE: 500, LUMA: 300, MEETUP: 200 }
const RETRIES = { attempts: 6, backoff: { type: 'exponential', delay: 3_000 } }

/**
 * Reads that were asked for. One read starts when the gathering time is over and answers for all that asked until
 * then; who asks later causes the next one, so that no change is swallowed.
 */
@Injectable()
export class ReadJobs {
  constructor(@InjectQueue(QUEUES.reads) private readonly queue: Queue<ReadJob>) {}

  async changes(channel: { id: string; platform: Platform }, scope: ListScope, lane: Lane): Promise<void> {
    const job: ChangesJob = { kind: 'changes', channelId: channel.id, scope, lane, askedAt: new Date().toISOString() }
    await this.add(`changes-${scope}-${channel.id}`, job, GATHER_MS[channel.platform])
  }

  /** A read that the clock asks for: while one is queued or running for the same listing and lane, that one answers for it. */
  async planned(channel: { id: string; platform: Platform }, scope: ListScope, lane: Lane): Promise<void> {
    const job: ChangesJob = { kind: 'changes', channelId: channel.id, scope, lane, askedAt: new Date().toISOString() }
    const deduplication = { id: `planned-${lane}-${scope}-${channel.id}` }
    await this.queue.add(job.kind, job, { deduplication, ...RETRIES })
  }

  async order(job: Omit<OrderJob, 'kind'>): Promise<void> {
    const id = `order-${job.platform}-${job.externalEventId ?? ''}-${job.orderId}`
    await this.add(id, { kind: 'order', ...job }, GATHER_MS[job.platform])
  }

  private async add(id: string, job: ReadJob, delay: number): Promise<void> {
    await this.queue.add(job.kind, job, { delay, deduplication: { id, ttl: delay }, ...RETRIES })
  }
}
