import { Injectable, Logger } from '@nestjs/common'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { ItemRounds } from '../../infrastructure/item-rounds.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { EventStore } from '../event-store.js'
import { Ledger } from '../ledger.js'

const INTERVAL_MS = 60_000
const CONCURRENCY = 2
const DEADLINE_MS = 30_000
const BACKOFF = { initialMs: INTERVAL_MS, maxMs: 10 * INTERVAL_MS }
/** Fewer are not worth a write: a rebuild sums them in milliseconds. */
const MIN_MOVEMENTS = 5_000

/** Keeps the stored sums of movements up to date, so that a rebuild takes as long however many movements there are. */
@Injectable()
export class LedgerCheckpoints {
  private readonly logger = new Logger(LedgerCheckpoints.name)
  private readonly rounds: ItemRounds

  constructor(
    private readonly events: EventStore,
    private readonly ledger: Ledger,
    private readonly clock: Clock,
    timers: Timers,
  ) {
    this.rounds = new ItemRounds({
      concurrency: CONCURRENCY,
      deadlineMs: DEADLINE_MS,
      backoff: BACKOFF,
      work: (eventId) => this.ledger.advanceCheckpoint(eventId, MIN_MOVEMENTS),
      onFailure: (eventId, error) =>
        this.logger.warn({ err: error, eventId }, 'failed to store the sum of movements; will retry'),
      clock,
      timers,
    })
  }

  @Periodic({ name: 'ledger checkpoints', every: INTERVAL_MS })
  async advanceAll(): Promise<void> {
    await this.rounds.round(await this.events.ids({ scope: 'live', now: this.clock.now() }))
  }
}
