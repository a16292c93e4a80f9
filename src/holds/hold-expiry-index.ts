import { Injectable, Logger } from '@nestjs/common'
import type { Hold } from '../domain/hold-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { JobQueues } from '../infrastructure/queues/job-queues.js'
import { QUEUES } from '../infrastructure/queues/queue-names.js'
import { Timers } from '../infrastructure/time/timers.js'
import { asOwnWork } from '../infrastructure/work-class.js'
import { HoldTimes } from './hold-times.js'

export interface ExpiryJob {
  eventId: string
}

type ExpiringHold = Pick<Hold, 'id' | 'expiresAt'>

const GATHER_MS = 50

/** Longer than the longest hold. */
const INDEX_TTL_MS = 90_000_000
/** A hold leased for expiry and not removed within this time is leased again. */
const LEASE_MS = 5_000
/** Jobs run a little after the full second, to allow for clock skew. */
const CLOCK_SLACK_MS = 200
const BATCH = 250

/**
 * Expiry times of holds outside the ledger, and one delayed job per event and second.
 * Best effort: the sweep over the hold rows finds what is lost.
 */
@Injectable()
export class HoldExpiryIndex {
  private readonly logger = new Logger(HoldExpiryIndex.name)
  /** Holds of each event that are to be indexed. */
  private readonly unindexed = new Map<string, ExpiringHold[]>()

  constructor(
    private readonly times: HoldTimes,
    private readonly queues: JobQueues,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /** Within moments: in a rush, holds of many transactions are indexed together. */
  add(eventId: string, holds: readonly ExpiringHold[]): void {
    if (this.unindexed.size === 0) this.timers.after(GATHER_MS, () => asOwnWork(() => this.indexGathered()))
    this.unindexed.set(eventId, [...(this.unindexed.get(eventId) ?? []), ...holds])
  }

  private indexGathered(): void {
    const now = this.clock.now().getTime()
    const gathered = [...this.unindexed]
    this.unindexed.clear()
    const added = gathered.map(([eventId, holds]) => {
      const entries = holds.map(({ id, expiresAt }) => ({ id, remainingMs: Math.max(0, expiresAt.getTime() - now) }))
      return this.times.add(eventId, entries, INDEX_TTL_MS)
    })
    const jobs = gathered.flatMap(([eventId, holds]) => expiryJobs(eventId, holds, now))
    Promise.all([...added, this.queues.addAll(QUEUES.holds, jobs)]).catch((error: unknown) =>
      this.logger.debug({ err: error }, 'failed to index holds for expiry; the sweep will expire them'),
    )
  }

  /** Resolved holds no longer need an expiry check. */
  remove(eventId: string, holdIds: readonly string[]): void {
    if (holdIds.length === 0) return
    const gathered = this.unindexed.get(eventId)?.filter(({ id }) => !holdIds.includes(id))
    if (gathered) this.unindexed.set(eventId, gathered)
    this.times
      .remove(eventId, holdIds)
      .catch((error: unknown) =>
        this.logger.debug(
          { err: error, eventId },
          'failed to remove resolved holds from the expiry index; they are checked once more',
        ),
      )
  }

  /** Leases a batch of holds that are overdue by the clock of the index; the next call returns others. */
  leaseDue(eventId: string): Promise<string[]> {
    return this.times.leaseDue(eventId, LEASE_MS, BATCH)
  }
}

function expiryJobs(eventId: string, holds: readonly ExpiringHold[], now: number) {
  const seconds = new Set(holds.map(({ expiresAt }) => Math.ceil(expiresAt.getTime() / 1000)))
  return [...seconds].map((second) => ({
    name: 'expire',
    data: { eventId } satisfies ExpiryJob,
    id: `${eventId}-${second}`,
    delayMs: Math.max(0, second * 1000 - now) + CLOCK_SLACK_MS,
  }))
}
