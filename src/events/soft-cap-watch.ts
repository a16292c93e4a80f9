import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { SoftCap } from '../channels/soft-cap.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'

const LOOK_EVERY_MS = 2_000

/**
 * Finds soft caps that were reached without a word to this process: by a hold that an `api` process took, or by a
 * capacity that went down to what is sold. Where nothing is sold nothing is reached, whatever the soft cap.
 */
@Injectable()
export class SoftCapWatch implements BeforeApplicationShutdown {
  private readonly logger = new Logger(SoftCapWatch.name)
  private looking: Repeating | null = null

  constructor(
    private readonly prisma: PrismaService,
    private readonly softCap: SoftCap,
  ) {}

  start(): void {
    const failed = (error: unknown) =>
      this.logger.warn({ err: error }, 'soft caps could not be checked, it is repeated')
    this.looking = repeatEvery(LOOK_EVERY_MS, () => this.look(), failed)
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.looking?.stop()
  }

  /** A look without locks; each one found is decided under that of its event. */
  async look(): Promise<void> {
    const reached = await this.prisma.$queryRaw<{ id: string }[]>`
      SELECT events.id FROM events JOIN balances ON balances.event_id = events.id,
        LATERAL (SELECT sold_meetup + sold_eventbrite + sold_luma + sold_direct + held AS taken) AS sum
      WHERE closed_since IS NULL AND red_alarm_since IS NULL
        AND taken > 0 AND taken >= floor(soft_cap_ratio::numeric * balances.capacity)`
    for (const { id } of reached) await this.softCap.check(id)
  }
}
