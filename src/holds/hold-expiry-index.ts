import { Injectable, Logger } from '@nestjs/common'
import type { Hold } from '../domain/hold-record.js'
import { Clock } from '../infrastructure/time/clock.js'
import { JobQueues } from '../infrastructure/queues/job-queues.js'
import { QUEUES } from '../infrastructure/queues/queue-names.js'
import { HoldTimes } from './hold-times.js'

export interface ExpiryJob {
  eventId: string
}

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

  constructor(
    private readonly times: HoldTimes,
    private readonly queues: JobQueues,
    private readonly clock: Clock,
  ) {}

  add(eventId: string, holds: readonly Pick<Hold, 'id' | 'expiresAt'>[]): void {
    const now = this.clock.now().getTime()
    const entries = holds.map(({ id, expiresAt }) => ({ id, remainingMs: Math.max(0, expiresAt.getTime() - now) }))
    const seconds = new Set(holds.map(({ expiresAt }) => Math.ceil(expiresAt.getTime() / 1000)))
    const jobs = [...seconds].map((second) => ({
      name: 'expire',
      data: { eventId } satisfies ExpiryJob,
      id: `${eventId}-${second}`,
      delayMs: Math.max(0, second * 1000 - now) + CLOCK_SLACK_MS,
    }))
    const added = this.times.add(eventId, entries, INDEX_TTL_MS)
    Promise.all([added, this.queues.addAll(QUEUES.holds, jobs)]).catch((error: unknown) =>
      this.logger.debug({ err: error, eventId }, 'failed to index holds for expiry; the sweep will expire them'),
    )
  }

  /** Resolved holds no longer need an expiry check. */
  remove(eventId: string, holdIds: readonly string[]): void {
    if (holdIds.length === 0) return
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
