import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { NotFound } from '../domain/errors.js'
import { Clock } from '../infrastructure/clock.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { QUEUES } from '../infrastructure/queues/queue-names.js'
import { Workers } from '../infrastructure/queues/workers.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { HoldResolution } from './hold-resolution.js'
import { HoldExpiryIndex, type ExpiryJob } from './hold-expiry-index.js'

const SWEEP_EVERY_MS = 5_000
const CONCURRENCY = 4
const BATCH = 500
const MAX_ROUNDS = 200

/**
 * Gives back what holds kept beyond their time. Jobs look at the second a hold ends; the sweep over the rows finds
 * what a lost job or an emptied Redis left. Several processes doing so do no harm.
 */
@Injectable()
export class HoldExpiry implements BeforeApplicationShutdown {
  private readonly logger = new Logger(HoldExpiry.name)
  private sweeping: Repeating | null = null

  constructor(
    private readonly prisma: PrismaService,
    private readonly workers: Workers,
    private readonly watch: HoldExpiryIndex,
    private readonly settling: HoldResolution,
    private readonly clock: Clock,
  ) {}

  start(): void {
    this.workers.start<ExpiryJob>({
      queue: QUEUES.holds,
      concurrency: CONCURRENCY,
      handle: ({ eventId }) => this.expireDue(eventId),
    })
    this.sweeping = repeatEvery(
      SWEEP_EVERY_MS,
      async () => void (await this.sweep()),
      (error) => this.logger.warn({ err: error }, 'the sweep over holds failed, it is repeated'),
    )
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.sweeping?.stop()
  }

  /** What Redis says is due. */
  async expireDue(eventId: string): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const due = await this.watch.due(eventId)
      if (due.length === 0) return
      await this.expire(eventId, due)
    }
  }

  /** What the rows say is due; answers how many holds that was. An event that fails does not keep others waiting. */
  async sweep(): Promise<number> {
    const failed: string[] = []
    let expired = 0
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const rows = await this.prisma.hold.findMany({
        where: { state: 'HELD', expiresAt: { lte: this.clock.now() }, eventId: { notIn: failed } },
        select: { id: true, eventId: true },
        orderBy: { expiresAt: 'asc' },
        take: BATCH,
      })
      if (rows.length === 0) break
      for (const [eventId, due] of byEvent(rows)) {
        try {
          await this.expire(eventId, due)
          expired += due.length
        } catch (error) {
          failed.push(eventId)
          this.logger.warn({ err: error, eventId }, 'holds are overdue and could not be given back, it is tried again')
        }
      }
    }
    return expired
  }

  private async expire(eventId: string, holdIds: readonly string[]): Promise<void> {
    const settled = await Promise.all(holdIds.map((holdId) => this.expireOne(eventId, holdId)))
    this.watch.forget(
      eventId,
      holdIds.filter((_, index) => settled[index]),
    )
  }

  /** False: not due yet by our clock, it is looked at again. */
  private async expireOne(eventId: string, holdId: string): Promise<boolean> {
    try {
      const { state } = await this.settling.settle(eventId, { holdId, action: 'expire', buyer: null, by: null })
      return state !== 'HELD'
    } catch (error) {
      if (error instanceof NotFound) return true
      throw error
    }
  }
}

function byEvent(rows: readonly { id: string; eventId: string }[]): Map<string, string[]> {
  const grouped = new Map<string, string[]>()
  for (const { id, eventId } of rows) {
    const group = grouped.get(eventId)
    if (group) group.push(id)
    else grouped.set(eventId, [id])
  }
  return grouped
}
