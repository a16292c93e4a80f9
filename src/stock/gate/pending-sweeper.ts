import { Injectable, Logger } from '@nestjs/common'
import { Periodic } from '../../infrastructure/background/periodic.js'
import { ItemRounds } from '../../infrastructure/item-rounds.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { EventStore } from '../event-store.js'
import { StockGate } from './gate.js'
import { Ledger } from '../ledger.js'
import { sweepPending } from './pending-sweep.js'
import { Rebuilder } from './rebuild.js'

const SWEEP_INTERVAL_MS = 5_000
const CONCURRENCY = 4
const ROUND_DEADLINE_MS = 5_000
const BACKOFF = { initialMs: 5_000, maxMs: 60_000 }

interface Sweep {
  eventId: string
  olderThanMs: number | undefined
}

/** `times`: number of consecutive failures of this event's sweep. */
export type OnSweepFailure = (eventId: string, error: unknown, times: number) => void

/** Runs the pending sweep for each live event independently. Safe to run in several processes concurrently. */
@Injectable()
export class PendingSweeper {
  private readonly logger = new Logger(PendingSweeper.name)
  private readonly sweeps: ItemRounds<Sweep>
  private reportFailure: OnSweepFailure = (eventId, error) =>
    this.logger.warn({ err: error, eventId }, 'pending sweep of an event failed; will retry')

  constructor(
    private readonly events: EventStore,
    private readonly gate: StockGate,
    private readonly ledger: Ledger,
    private readonly rebuilder: Rebuilder,
    private readonly clock: Clock,
    timers: Timers,
  ) {
    this.sweeps = new ItemRounds({
      keyOf: ({ eventId }) => eventId,
      concurrency: CONCURRENCY,
      deadlineMs: ROUND_DEADLINE_MS,
      backoff: BACKOFF,
      work: (sweep) => this.sweep(sweep),
      onFailure: ({ eventId }, error, times) => this.reportFailure(eventId, error, times),
      clock,
      timers,
    })
  }

  /** Failures of single events are reported there instead of only being logged. */
  reportFailuresTo(listener: OnSweepFailure): void {
    this.reportFailure = listener
  }

  @Periodic({ name: 'pending sweep', every: SWEEP_INTERVAL_MS })
  async sweepAbandoned(): Promise<void> {
    await this.sweepAll()
  }

  async sweepAll(olderThanMs?: number): Promise<void> {
    const eventIds = await this.events.ids({ scope: 'live', now: this.clock.now() })
    await this.sweeps.round(eventIds.map((eventId) => ({ eventId, olderThanMs })))
  }

  private async sweep({ eventId, olderThanMs }: Sweep): Promise<void> {
    const report = await sweepPending(this.gate, this.ledger, eventId, olderThanMs)
    // A rebuild discards all pending operations and loads the ledger's balances under a new epoch.
    if (report.expired > 0) await this.rebuilder.rebuild(eventId, 'forgotten')
    if (report.voided + report.acknowledged + report.expired > 0) {
      this.logger.warn({ eventId, ...report }, 'resolved pending operations left by a crash')
    }
  }
}
