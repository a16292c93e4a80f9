import { Injectable } from '@nestjs/common'
import { LoopFailures } from '../../alerts/loop-failures.js'
import type { Lane } from '../../domain/channel.js'
import { followPostings, freeFor } from '../../domain/caps/follow-exposure.js'
import { withheldOf } from '../../domain/caps/withheld-units.js'
import { nextWrite } from '../../domain/caps/next-write.js'
import { BackgroundTasks } from '../../infrastructure/background/background-tasks.js'
import { JobHandler } from '../../infrastructure/background/job-handler.js'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { ItemRounds } from '../../infrastructure/item-rounds.js'
import { JobQueues, RetryLaterError } from '../../infrastructure/queues/job-queues.js'
import { QUEUES, type QueueName } from '../../infrastructure/queues/queue-names.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { CausingSpans, setSpanAttributes } from '../../infrastructure/tracing/spans.js'
import { EventStore, type EventSnapshot } from '../../stock/event-store.js'
import { OnStockChanged } from '../../stock/on-stock-changed.js'
import type { StockChanged } from '../../stock/stock-events.js'
import { Platforms } from '../../platforms/platforms.js'
import { traitsOf } from '../../platforms/registry.js'
import { CapSync } from './cap-sync.js'
import { CapWriteJournal } from './cap-write-journal.js'
import { readingDue } from '../reading/due-reading.js'
import { FailSafeState } from '../../system-mode/fail-safe-state.js'
import { attachmentOf } from '../attachment.js'
import { permitted, channelStateOf, unmetGrowth } from '../channel-state.js'
import { isTaskDue } from '../tasks/listing-task.js'
import { SyncFailures } from './sync-failures.js'

interface ChannelJob {
  channelId: string
  /** When the platform reported a change of the listing: it is read before anything else. */
  noticedAt?: string
}

interface CheckedEvent extends EventSnapshot {
  cause: CausingSpans | undefined
}

const TASK = 'channel check'
const CHECK_INTERVAL_MS = 2_000
const CONCURRENCY = 8
const CHECK_CONCURRENCY = 4
/** How long one event may occupy its place, ms: its row may be locked. */
const CHECK_DEADLINE_MS = 1_000
const CHECK_BACKOFF = { initialMs: 1_000, maxMs: 30_000 }
/** Delay of jobs in fail-safe mode; the check afterwards enqueues what is still due. */
const FAIL_SAFE_PAUSE_MS = 5_000

/**
 * Jobs that sync channels. A job is only a trigger: desired and confirmed state are in PostgreSQL, and a periodic check
 * of all channels enqueues what has no job. `protect` has its own queue and workers, so that it never waits behind
 * `grow`.
 */
@Injectable()
export class ChannelJobs {
  /** Events to check before the next full check, with the causes for tracing. */
  private dirty = new Map<string, CausingSpans>()
  private lastFullCheckAt = 0
  private readonly checks: ItemRounds<CheckedEvent>

  constructor(
    private readonly events: EventStore,
    private readonly failSafe: FailSafeState,
    private readonly queues: JobQueues,
    private readonly capSync: CapSync,
    private readonly platforms: Platforms,
    private readonly writes: CapWriteJournal,
    private readonly failures: SyncFailures,
    private readonly loopFailures: LoopFailures,
    private readonly clock: Clock,
    private readonly background: BackgroundTasks,
    timers: Timers,
  ) {
    this.checks = new ItemRounds({
      keyOf: ({ id }) => id,
      concurrency: CHECK_CONCURRENCY,
      deadlineMs: CHECK_DEADLINE_MS,
      backoff: CHECK_BACKOFF,
      work: (event) => this.checkEvent(event),
      onFailure: ({ id }, error, consecutive) => this.loopFailures.record('channel check', id, error, consecutive),
      clock,
      timers,
    })
  }

  @OnStockChanged()
  checkChanged({ eventId }: StockChanged): void {
    this.wake(eventId)
  }

  /** Checks this event's channels at once instead of at the next interval. */
  wake(eventId: string): void {
    const causes = this.dirty.get(eventId) ?? new CausingSpans()
    causes.add()
    this.dirty.set(eventId, causes)
    this.background.wake(TASK)
  }

  /** Checks all channels once per interval; when woken in between, those of changed events. */
  @Periodic({ name: TASK, every: CHECK_INTERVAL_MS })
  async runCheck(): Promise<void> {
    const now = this.clock.now().getTime()
    const full = now - this.lastFullCheckAt >= CHECK_INTERVAL_MS
    const dirty = this.dirty
    this.dirty = new Map()
    if (full) this.lastFullCheckAt = now
    if (full || dirty.size > 0) await this.checkChannels(full ? null : [...dirty.keys()], dirty)
  }

  /**
   * Enqueues a sync. Deduplicated per channel and reason while a job is queued or running, since the job reads the
   * newest state; another reason does not wait for a delayed job (throttled, refused).
   */
  async enqueue(channelId: string, lane: Exclude<Lane, 'bulk'>, reason: string): Promise<void> {
    await this.add(QUEUES[lane], { channelId }, reason)
  }

  /** Enqueues a read of a listing that its platform reports as changed; notices are coalesced into one read. */
  async recheck(channelId: string, noticedAt: Date): Promise<void> {
    await this.add(QUEUES.grow, { channelId, noticedAt: noticedAt.toISOString() }, 'recheck')
  }

  private async add(queue: QueueName, data: ChannelJob, reason: string): Promise<void> {
    const deduplication = { id: `${data.channelId}:${reason}` }
    await this.queues.add(queue, { name: 'sync', data, deduplication, attempts: 5, backoffMs: 500 })
  }

  @JobHandler<ChannelJobs, ChannelJob>({
    queue: QUEUES.protect,
    concurrency: CONCURRENCY,
    onExhausted: ({ failures }, { channelId }, error) => failures.recordExhausted(channelId, error),
  })
  @JobHandler<ChannelJobs, ChannelJob>({
    queue: QUEUES.grow,
    concurrency: CONCURRENCY,
    onExhausted: ({ failures }, { channelId }, error) => failures.recordExhausted(channelId, error),
  })
  async handle({ channelId, noticedAt }: ChannelJob): Promise<void> {
    setSpanAttributes({ 'traffic_police.channel_id': channelId })
    // One process closes all channels in fail-safe mode, and the platforms' budgets are left to it.
    if (await this.failSafe.isFailSafe(null))
      throw new RetryLaterError(new Date(this.clock.now().getTime() + FAIL_SAFE_PAUSE_MS), 'fail-safe mode')
    const { capSync } = this
    const result = await (noticedAt ? capSync.recheck(channelId, new Date(noticedAt)) : capSync.sync(channelId))
    if (!result.done) throw new RetryLaterError(result.retryAt, result.reason)
    // Another channel may be waiting for the units this one released.
    if (result.eventId) this.wake(result.eventId)
  }

  /**
   * Enqueues a job for every channel that is not in sync, and updates allocations and capacities that lag behind. Events
   * are independent: one that is locked or fails is retried later and delays no other.
   */
  async checkChannels(eventIds: string[] | null, causes: ReadonlyMap<string, CausingSpans> = new Map()): Promise<void> {
    // Fail-safe mode closes the channels itself.
    if (await this.failSafe.isFailSafe(null)) return
    const ids = eventIds ? { ids: eventIds } : {}
    const events = await this.events.snapshots({ scope: 'synced', now: this.clock.now(), ...ids })
    const toCheck = events.filter(({ channels, capacity, targetCapacity }) => {
      return channels.length > 0 || capacity > targetCapacity
    })
    await this.checks.round(toCheck.map((event) => ({ ...event, cause: causes.get(event.id) })))
  }

  private async checkEvent(event: CheckedEvent): Promise<void> {
    await (event.cause ? event.cause.run(() => this.compare(event)) : this.compare(event))
  }

  private async compare(event: CheckedEvent): Promise<void> {
    const { balances } = event
    const states = event.channels.map((channel) => channelStateOf(channel, balances))
    if (followPostings(balances, states, unmetGrowth(states)).length > 0 || event.capacity > event.targetCapacity) {
      await this.writes.follow(event.id)
    }
    for (const [index, channel] of event.channels.entries()) {
      const state = states[index]
      if (!state) continue
      const others = states.filter((other) => other !== state)
      const next = nextWrite(permitted(state, false), freeFor(balances, state, others, withheldOf(event, balances)))
      if (!traitsOf(channel.platform).hasApi) {
        if (isTaskDue(channel, next, state.sold)) await this.enqueue(channel.id, 'protect', 'task')
        continue
      }
      const due = readingDue(channel, this.platforms.of(channel), this.clock.now())
      if (next.kind === 'WRITE') await this.enqueue(channel.id, next.lane, `${next.mode}:${next.cap}`)
      else if (!channel.importedAt) await this.enqueue(channel.id, 'protect', 'import')
      else if (due) {
        const lane = due === 'SETTLE' || channel.uncountedSince !== null ? 'protect' : 'grow'
        await this.enqueue(channel.id, lane, due)
      } else if (next.kind === 'IN_SYNC') {
        if (attachmentOf(channel) === 'DETACHING') await this.enqueue(channel.id, 'protect', 'detach')
        await this.failures.clearWriteError(channel)
      }
    }
  }
}
