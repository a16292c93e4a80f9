import { Injectable, Logger } from '@nestjs/common'
import { NotFound } from '../domain/errors.js'
import { JobHandler } from '../infrastructure/background/job-handler.js'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Clock } from '../infrastructure/time/clock.js'
import { QUEUES } from '../infrastructure/queues/queue-names.js'
import { HoldResolution } from './hold-resolution.js'
import { HoldStore } from './hold-store.js'
import { HoldExpiryIndex, type ExpiryJob } from './hold-expiry-index.js'

const SWEEP_INTERVAL_MS = 5_000
const CONCURRENCY = 4
const BATCH = 500
const MAX_ROUNDS = 200

/**
 * Expires overdue holds and returns their units. A job runs at the second a hold ends; the sweep over the rows finds
 * holds whose job was lost or whose index entry Redis lost. Safe to run in several instances.
 */
@Injectable()
export class HoldExpiry {
  private readonly logger = new Logger(HoldExpiry.name)

  constructor(
    private readonly holds: HoldStore,
    private readonly expiryIndex: HoldExpiryIndex,
    private readonly resolution: HoldResolution,
    private readonly clock: Clock,
  ) {}

  @JobHandler({ queue: QUEUES.holds, concurrency: CONCURRENCY })
  async handle({ eventId }: ExpiryJob): Promise<void> {
    await this.expireDue(eventId)
  }

  /** Expires the holds that are due in the Redis index. */
  async expireDue(eventId: string): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const due = await this.expiryIndex.leaseDue(eventId)
      if (due.length === 0) return
      await this.expire(eventId, due)
    }
  }

  /** Expires the holds that are due in the table; returns their number. A failing event does not delay the others. */
  @Periodic({ name: 'hold expiry sweep', every: SWEEP_INTERVAL_MS })
  async sweep(): Promise<number> {
    const failed: string[] = []
    let expired = 0
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const rows = await this.holds.overdue(this.clock.now(), failed, BATCH)
      if (rows.length === 0) break
      for (const [eventId, due] of groupByEvent(rows)) {
        try {
          await this.expire(eventId, due)
          expired += due.length
        } catch (error) {
          failed.push(eventId)
          this.logger.warn({ err: error, eventId }, 'failed to expire overdue holds; will retry')
        }
      }
    }
    return expired
  }

  private async expire(eventId: string, holdIds: readonly string[]): Promise<void> {
    const resolved = await Promise.all(holdIds.map((holdId) => this.expireOne(eventId, holdId)))
    this.expiryIndex.remove(
      eventId,
      holdIds.filter((_, index) => resolved[index]),
    )
  }

  /** Returns false when the hold is not due yet by our clock; it is checked again. */
  private async expireOne(eventId: string, holdId: string): Promise<boolean> {
    try {
      const { state } = await this.resolution.resolve(eventId, { holdId, action: 'expire', buyer: null, by: null })
      return state !== 'HELD'
    } catch (error) {
      if (error instanceof NotFound) return true
      throw error
    }
  }
}

function groupByEvent(rows: readonly { id: string; eventId: string }[]): Map<string, string[]> {
  const grouped = new Map<string, string[]>()
  for (const { id, eventId } of rows) {
    const group = grouped.get(eventId)
    if (group) group.push(id)
    else grouped.set(eventId, [id])
  }
  return grouped
}
