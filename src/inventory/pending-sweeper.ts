import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { StockGate } from './gate.js'
import { Ledger } from './ledger.js'
import { lookedAfter } from './looked-after.js'
import { sweepPending } from './pending-sweep.js'

const EVERY_MS = 5_000

/** Runs the pending sweep over all events, one after the other. Several processes doing so do no harm. */
@Injectable()
export class PendingSweeper implements BeforeApplicationShutdown {
  private readonly logger = new Logger(PendingSweeper.name)
  private repeating: Repeating | null = null

  constructor(
    private readonly prisma: PrismaService,
    private readonly gate: StockGate,
    private readonly ledger: Ledger,
  ) {}

  start(): void {
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
    const events = await this.prisma.event.findMany({ where: lookedAfter(new Date()), select: { id: true } })
    for (const { id } of events) {
      const { givenBack, acknowledged } = await sweepPending(this.gate, this.ledger, id, olderThanMs)
      if (givenBack + acknowledged > 0)
        this.logger.warn({ eventId: id, givenBack, acknowledged }, 'ended what a crash left')
    }
  }
}
