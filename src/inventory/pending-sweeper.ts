import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { ItemRounds } from '../infrastructure/item-rounds.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { StockGate } from './gate.js'
import { Ledger } from './ledger.js'
import { liveEvents } from './live-events.js'
import { sweepPending } from './pending-sweep.js'
import { Rebuilder } from './rebuild.js'

const EVERY_MS = 5_000
const AT_ONCE = 4
const WITHIN_MS = 5_000
const AGAIN = { firstMs: 5_000, longestMs: 60_000 }

interface Sweep {
  eventId: string
  olderThanMs: number | undefined
}

/** `times`: how often in a row the sweep of this event has failed. */
export type OnSweepFailure = (eventId: string, error: unknown, times: number) => void

/** Runs the pending sweep over all events, each for itself. Several processes doing so do no harm. */
@Injectable()
export class PendingSweeper implements BeforeApplicationShutdown {
  private readonly logger = new Logger(PendingSweeper.name)
  private repeating: Repeating | null = null
  private readonly sweeps = new ItemRounds<Sweep>({
    keyOf: ({ eventId }) => eventId,
    concurrency: AT_ONCE,
    deadlineMs: WITHIN_MS,
    backoff: AGAIN,
    work: (sweep) => this.sweep(sweep),
    onFailure: ({ eventId }, error, times) => this.onFailure(eventId, error, times),
  })
  private onFailure: OnSweepFailure = (eventId, error) =>
    this.logger.warn({ err: error, eventId }, 'the pending sweep of an event failed, it is tried again')

  constructor(
    private readonly prisma: PrismaService,
    private readonly gate: StockGate,
    private readonly ledger: Ledger,
    private readonly rebuilder: Rebuilder,
  ) {}

  start(onFailure: OnSweepFailure): void {
    this.onFailure = onFailure
    this.repeating = repeatEvery(
      EVERY_MS,
      () => this.sweepAll(),
      (error) => this.logger.warn({ err: error }, 'pending sweep failed, it is tried again'),
    )
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.repeating?.stop()
  }

  async sweepAll(olderThanMs?: number): Promise<void> {
    const events = await this.prisma.event.findMany({ where: liveEvents(new Date()), select: { id: true } })
    await this.sweeps.round(events.map(({ id }) => ({ eventId: id, olderThanMs })))
  }

  private async sweep({ eventId, olderThanMs }: Sweep): Promise<void> {
    const report = await sweepPending(this.gate, this.ledger, eventId, olderThanMs)
    // A new epoch ends them all, and loads what the ledger has.
    if (report.forgotten > 0) await this.rebuilder.rebuild(eventId, 'forgotten')
    if (report.givenBack + report.acknowledged + report.forgotten > 0) {
      this.logger.warn({ eventId, ...report }, 'ended what a crash left')
    }
  }
}
