import { Injectable, Logger } from '@nestjs/common'
import { NotFound } from '../domain/errors.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { ItemRounds } from '../infrastructure/item-rounds.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import { HoldResolution } from './hold-resolution.js'
import { HoldStore } from './hold-store.js'

/** How late a hold may end. */
const SWEEP_INTERVAL_MS = 1_000
const CONCURRENCY = 4
const DEADLINE_MS = 5_000
const BACKOFF = { initialMs: 1_000, maxMs: 10_000 }
const BATCH = 500
const MAX_BATCHES = 200

interface OverdueHolds {
  eventId: string
  holdIds: string[]
  /** Set once they are all resolved. */
  resolved: boolean
}

/**
 * Expires overdue holds and returns their units. The rows are the only record of when a hold ends: creating one costs
 * nothing else, and nothing can be lost. Safe to run in several processes.
 */
@Injectable()
export class HoldExpiry {
  private readonly logger = new Logger(HoldExpiry.name)
  private readonly rounds: ItemRounds<OverdueHolds>

  constructor(
    private readonly holds: HoldStore,
    private readonly resolution: HoldResolution,
    private readonly clock: Clock,
    timers: Timers,
  ) {
    this.rounds = new ItemRounds({
      keyOf: ({ eventId }) => eventId,
      concurrency: CONCURRENCY,
      deadlineMs: DEADLINE_MS,
      backoff: BACKOFF,
      work: (overdue) => this.expire(overdue),
      onFailure: ({ eventId }, error) =>
        this.logger.warn({ err: error, eventId }, 'failed to expire overdue holds; will retry'),
      clock,
      timers,
    })
  }

  /** An event that fails or is slow delays no other, and is left out until the next sweep. */
  @Periodic({ name: 'hold expiry', every: SWEEP_INTERVAL_MS })
  async sweep(): Promise<void> {
    const left: string[] = []
    for (let batch = 0; batch < MAX_BATCHES; batch++) {
      const overdue = groupByEvent(await this.holds.overdue(this.clock.now(), left, BATCH))
      if (overdue.length === 0) return
      await this.rounds.round(overdue)
      left.push(...overdue.filter(({ resolved }) => !resolved).map(({ eventId }) => eventId))
    }
  }

  private async expire(overdue: OverdueHolds): Promise<void> {
    await Promise.all(overdue.holdIds.map((holdId) => this.expireOne(overdue.eventId, holdId)))
    overdue.resolved = true
  }

  private async expireOne(eventId: string, holdId: string): Promise<void> {
    try {
      await this.resolution.resolve(eventId, { holdId, action: 'expire', buyer: null, by: null })
    } catch (error) {
      if (!(error instanceof NotFound)) throw error
    }
  }
}

function groupByEvent(rows: readonly { id: string; eventId: string }[]): OverdueHolds[] {
  const grouped = new Map<string, string[]>()
  for (const { id, eventId } of rows) {
    const group = grouped.get(eventId)
    if (group) group.push(id)
    else grouped.set(eventId, [id])
  }
  return [...grouped].map(([eventId, holdIds]) => ({ eventId, holdIds, resolved: false }))
}
