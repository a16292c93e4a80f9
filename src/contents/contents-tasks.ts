import { Injectable, Logger } from '@nestjs/common'
import { AuditService } from '../accounts/audit.service.js'
import { listingOf } from '../channels/channel-import.js'
import { ChannelStore } from '../channels/channel-store.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import type { Channel } from '../domain/channel-record.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Locks } from '../infrastructure/locks/locks.js'
import { Clock } from '../infrastructure/time/clock.js'
import { describeFailure } from '../platforms/describe-failure.js'
import type { ListingContents } from '../platforms/listing-contents.js'
import { Platforms } from '../platforms/platforms.js'
import type { Failure, Outcome } from '../platforms/port.js'
import { EventStore } from '../stock/event-store.js'
import { ContentsReads } from './contents-reads.js'
import { ContentsStore, type ContentsRecord, type TaskState } from '../channels/contents/contents-store.js'
import { changeOf, fieldsByApi, unlikeRequested } from './contents-change.js'

export const CONTENTS_TASKS = 'listing changes'
const CHECK_INTERVAL_MS = 5_000
const BATCH = 20
/** Reads after a write may be older than it for some time. */
const PAUSES_MS = [5_000, 15_000, 60_000, 300_000, 900_000]
/** Waiting for budget is no attempt; after this time it is given up too. */
const GIVE_UP_MS = 24 * 3_600_000

interface Ended {
  state: Exclude<TaskState, 'PENDING'>
  detail: string | null
}

/** Not now. `retryAt` null: after a pause, as one attempt of a few. */
interface Later {
  retryAt: Date | null
  reason: string
}

/** Writes requested changes of listings, one call at a time, and reads them back. */
@Injectable()
export class ContentsTasks {
  private readonly logger = new Logger(ContentsTasks.name)

  constructor(
    private readonly channels: ChannelStore,
    private readonly events: EventStore,
    private readonly contents: ContentsStore,
    private readonly reads: ContentsReads,
    private readonly platforms: Platforms,
    private readonly jobs: ChannelJobs,
    private readonly locks: Locks,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  @Periodic({ name: CONTENTS_TASKS, every: CHECK_INTERVAL_MS })
  async runDue(): Promise<void> {
    for (const due of await this.contents.dueTasks(this.clock.now(), BATCH)) {
      await this.locks.tryWith(`contents:${due.channelId}`, () => this.runNewest(due.channelId))
    }
  }

  /** The request may have been replaced, or carried out by another process, since it was listed. */
  private async runNewest(channelId: string): Promise<void> {
    const [record] = await this.contents.of([channelId])
    if (!record || record.taskState !== 'PENDING' || !isDue(record, this.clock.now())) return
    const result = await this.run(record).catch((error: unknown): Later => {
      this.logger.warn({ err: error, channelId }, 'a listing could not be changed; will retry')
      return { retryAt: null, reason: 'an error of the service' }
    })
    await this.record(record, result)
  }

  private async run(record: ContentsRecord): Promise<Ended | Later> {
    const channel = await this.channels.read(null, record.channelId)
    const { task } = record
    const listing = listingOf(channel)
    const context = { lane: 'bulk' } as const
    const adapter = this.platforms.of(channel)
    if (task?.kind === 'CANCEL') {
      const cancelled = (await adapter.cancelListing?.(listing, context)) ?? MANUAL
      if (cancelled.kind !== 'OK') return this.failed(cancelled)
      await this.jobs.recheck(channel.id, this.clock.now())
      return { state: 'DONE', detail: null }
    }
    const change = changeOf(task, fieldsByApi(channel.platform))
    if (Object.keys(change).length === 0) return { state: 'MANUAL', detail: null }
    const timezone = await this.zoneOf(channel, record)
    const written = (await adapter.writeContents?.(listing, change, timezone, context)) ?? MANUAL
    // A write that was lost may have been applied: reading shows it.
    if (written.kind !== 'OK' && written.kind !== 'UNKNOWN') return this.failed(written)
    // An edit may have effects that the platform does not document: the cap is read too.
    await this.jobs.recheck(channel.id, this.clock.now())
    return this.readBack(await this.reads.read(channel.id), change)
  }

  private readBack(read: Outcome<ListingContents>, change: ReturnType<typeof changeOf>): Ended | Later {
    if (read.kind !== 'OK') return this.failed(read)
    const unlike = unlikeRequested(change, read.value)
    return unlike === null ? { state: 'DONE', detail: null } : { retryAt: null, reason: unlike }
  }

  private failed(failure: Failure): Ended | Later {
    if (failure.kind === 'UNSUPPORTED') return { state: 'MANUAL', detail: null }
    if (failure.kind === 'THROTTLED') return { retryAt: failure.resumeAt, reason: describeFailure(failure) }
    const isFinal = ['REJECTED', 'AUTH_FAILED', 'FORBIDDEN', 'GONE'].includes(failure.kind)
    const detail = describeFailure(failure)
    return isFinal ? { state: 'REFUSED', detail } : { retryAt: null, reason: detail }
  }

  private async record(record: ContentsRecord, result: Ended | Later): Promise<void> {
    const { channelId, requestId } = record
    if (requestId === null) return
    const ended = this.endOf(record, result)
    const now = this.clock.now()
    if (ended === null) {
      const { retryAt, reason } = result as Later
      const counts = retryAt === null
      const pause = PAUSES_MS[record.taskAttempts] ?? 0
      const taskDueAt = retryAt ?? new Date(now.getTime() + pause)
      const taskAttempts = record.taskAttempts + (counts ? 1 : 0)
      await this.contents.updateTask(channelId, requestId, { taskDueAt, taskAttempts, taskDetail: reason })
      return
    }
    const { state, detail } = ended
    const change = { taskState: state, taskDetail: detail, taskDueAt: null, taskEndedAt: now }
    const isRecorded = await this.contents.updateTask(channelId, requestId, change)
    if (isRecorded) await this.audit.record(null, 'listing.change', channelId, null, { requestId, state, detail })
  }

  /** Null: it is tried again. */
  private endOf({ taskAttempts, taskRequestedAt }: ContentsRecord, result: Ended | Later): Ended | null {
    if ('state' in result) return result
    const isLate = this.clock.now().getTime() - (taskRequestedAt?.getTime() ?? 0) > GIVE_UP_MS
    const isLast = result.retryAt === null && taskAttempts >= PAUSES_MS.length
    return isLate || isLast ? { state: 'FAILED', detail: result.reason } : null
  }

  private async zoneOf(channel: Channel, { timezone }: ContentsRecord): Promise<string> {
    return timezone ?? (await this.events.find(channel.eventId))?.timezone ?? 'UTC'
  }
}

const MANUAL: Failure = { kind: 'UNSUPPORTED', reason: 'a person must do it' }

function isDue({ taskDueAt }: ContentsRecord, now: Date): boolean {
  return taskDueAt !== null && taskDueAt <= now
}
