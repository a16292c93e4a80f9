import { InjectQueue } from '@nestjs/bullmq'
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import type { Queue } from 'bullmq'
import { LoopFaults } from '../alerts/loop-faults.js'
import type { Lane } from '../domain/channel.js'
import { followPostings, freeFor } from '../domain/follow-exposure.js'
import { nextWrite } from '../domain/next-write.js'
import type { Prisma } from '../generated/prisma/client.js'
import { ItemRounds } from '../infrastructure/item-rounds.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { QUEUES } from '../infrastructure/queues/queue-names.js'
import { RetryLaterError, Workers } from '../infrastructure/queues/workers.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { Causes, noteOnSpan } from '../infrastructure/tracing/spans.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { StockEvents } from '../inventory/stock-events.js'
import { Platforms } from '../platforms/platforms.js'
import { CapSync } from './cap-sync.js'
import { CapWriteJournal } from './cap-write-journal.js'
import { readingDue } from './due-reading.js'
import { isFailSafe } from '../fail-safe/stored-mode.js'
import { permitted, channelStateOf, unmetGrowth } from './channel-state.js'
import { drivenEvents } from './driven-events.js'
import { SyncFailures } from './sync-failures.js'

interface ChannelJob {
  channelId: string
  /** When the platform said that the listing has changed: it is read before anything else. */
  noticedAt?: string
}

interface LookedAt extends Prisma.EventGetPayload<{ include: { channels: true; balance: true } }> {
  cause: Causes | undefined
}

const LOOK_EVERY_MS = 2_000
const CONCURRENCY = 8
const LOOKS_AT_ONCE = 4
/** So long one event may keep the others waiting: its row may be locked, its platform slow. */
const LOOK_WITHIN_MS = 1_000
const LOOK_AGAIN = { firstMs: 1_000, longestMs: 30_000 }
/** A job that comes while fail-safe mode lasts; what it is for is looked for again afterwards. */
const FAIL_SAFE_PAUSE_MS = 5_000

/**
 * Jobs that bring channels in step. A job is only a hint: what is wanted and what is confirmed stand in PostgreSQL,
 * and a look over all channels finds what no job was made for. `protect` has a queue and workers of its own, so that
 * it never waits behind `grow`.
 */
@Injectable()
export class ChannelJobs implements BeforeApplicationShutdown {
  private readonly logger = new Logger(ChannelJobs.name)
  private looking: Repeating | null = null
  /** Events to look at before the next full look, and why. */
  private dirty = new Map<string, Causes>()
  private lookedAt = 0
  private readonly looks = new ItemRounds<LookedAt>({
    keyOf: ({ id }) => id,
    concurrency: LOOKS_AT_ONCE,
    deadlineMs: LOOK_WITHIN_MS,
    backoff: LOOK_AGAIN,
    work: (event) => this.lookAt(event),
    onFailure: ({ id }, error, times) => this.faults.note('the look at the channels', id, error, times),
  })

  constructor(
    private readonly prisma: PrismaService,
    private readonly workers: Workers,
    private readonly capSync: CapSync,
    private readonly platforms: Platforms,
    private readonly writes: CapWriteJournal,
    private readonly stockEvents: StockEvents,
    private readonly failures: SyncFailures,
    private readonly faults: LoopFaults,
    @InjectQueue(QUEUES.protect) private readonly protect: Queue<ChannelJob>,
    @InjectQueue(QUEUES.grow) private readonly grow: Queue<ChannelJob>,
  ) {}

  start(): void {
    for (const queue of [QUEUES.protect, QUEUES.grow]) {
      this.workers.start<ChannelJob>({
        queue,
        concurrency: CONCURRENCY,
        handle: (job) => this.handle(job),
        onExhausted: ({ channelId }, error) => this.failures.gaveUp(channelId, error),
      })
    }
    this.looking = repeatEvery(
      LOOK_EVERY_MS,
      () => this.turn(),
      (error) => this.logger.warn({ err: error }, 'the look over all channels failed, it is repeated'),
    )
    this.stockEvents.onChanged(({ eventId }) => this.hurry(eventId))
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.looking?.stop()
  }

  /** Looks at once whether channels of this event are out of step, instead of at the next turn. */
  hurry(eventId: string): void {
    const causes = this.dirty.get(eventId) ?? new Causes()
    causes.add()
    this.dirty.set(eventId, causes)
    this.looking?.hurry()
  }

  private async turn(): Promise<void> {
    const full = Date.now() - this.lookedAt >= LOOK_EVERY_MS
    const dirty = this.dirty
    this.dirty = new Map()
    if (full) this.lookedAt = Date.now()
    if (full || dirty.size > 0) await this.look(full ? null : [...dirty.keys()], dirty)
  }

  /**
   * Asks for a sync soon. While one is queued or at work for the same reason, that one reads the newest state; another
   * reason does not wait for one that was put off (throttled, refused).
   */
  async enqueue(channelId: string, lane: Exclude<Lane, 'bulk'>, reason: string): Promise<void> {
    await this.add(lane === 'protect' ? this.protect : this.grow, { channelId }, reason)
  }

  /** Asks for a look at a listing that its platform says has changed; many notices cost one look. */
  async recheck(channelId: string, noticedAt: Date): Promise<void> {
    await this.add(this.grow, { channelId, noticedAt: noticedAt.toISOString() }, 'recheck')
  }

  private async add(queue: Queue<ChannelJob>, job: ChannelJob, reason: string): Promise<void> {
    const deduplication = { id: `${job.channelId}:${reason}` }
    await queue.add('sync', job, { deduplication, attempts: 5, backoff: { type: 'exponential', delay: 500 } })
  }

  private async handle({ channelId, noticedAt }: ChannelJob): Promise<void> {
    noteOnSpan({ 'traffic_police.channel_id': channelId })
    // One process closes everything then, and has the platforms' budgets for itself.
    if (await isFailSafe(this.prisma))
      throw new RetryLaterError(new Date(Date.now() + FAIL_SAFE_PAUSE_MS), 'fail-safe mode')
    const { capSync } = this
    const result = await (noticedAt ? capSync.recheck(channelId, new Date(noticedAt)) : capSync.sync(channelId))
    if (!result.done) throw new RetryLaterError(result.again, result.why)
    // What this channel let go of may be what another one waits for.
    if (result.eventId) this.hurry(result.eventId)
  }

  /**
   * Every channel that is not in step gets a job; allocations, and capacities, that lag behind are brought up. Each
   * event for itself: one that is locked or broken is looked at again later and holds no other one up.
   */
  async look(eventIds: string[] | null, causes: ReadonlyMap<string, Causes> = new Map()): Promise<void> {
    // Fail-safe mode closes the channels by itself.
    if (await isFailSafe(this.prisma)) return
    const events = await this.prisma.event.findMany({
      where: {
        AND: [
          drivenEvents(new Date()),
          { OR: [{ channels: { some: {} } }, { capacity: { gt: this.prisma.event.fields.targetCapacity } }] },
          eventIds ? { id: { in: eventIds } } : {},
        ],
      },
      include: { channels: true, balance: true },
    })
    await this.looks.round(events.map((event) => ({ ...event, cause: causes.get(event.id) })))
  }

  private async lookAt(event: LookedAt): Promise<void> {
    await (event.cause ? event.cause.run(() => this.compare(event)) : this.compare(event))
  }

  private async compare(event: LookedAt): Promise<void> {
    if (!event.balance) return
    const balances = balancesOf(event.balance)
    const known = event.channels.map((channel) => channelStateOf(channel, balances))
    if (followPostings(balances, known, unmetGrowth(known)).length > 0 || event.capacity > event.targetCapacity) {
      await this.writes.follow(event.id)
    }
    for (const [index, channel] of event.channels.entries()) {
      const standing = known[index]
      if (!standing) continue
      const others = known.filter((other) => other !== standing)
      const next = nextWrite(permitted(standing, false), freeFor(balances, standing, others))
      const due = readingDue(channel, this.platforms.get(standing.platform))
      if (next.kind === 'WRITE') await this.enqueue(channel.id, next.lane, `${next.mode}:${next.cap}`)
      else if (!channel.importedAt) await this.enqueue(channel.id, 'protect', 'adopt')
      else if (due) {
        const lane = due === 'SETTLE' || channel.uncountedSince !== null ? 'protect' : 'grow'
        await this.enqueue(channel.id, lane, due)
      } else if (next.kind === 'IN_SYNC') await this.failures.inStep(channel)
    }
  }
}
