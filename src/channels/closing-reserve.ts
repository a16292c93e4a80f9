import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import { PLATFORMS } from '../domain/channel.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { openEvents } from '../inventory/live-events.js'
import { Outbound } from '../platforms/outbound.js'

const COUNT_EVERY_MS = 5_000

/** Keeps as much of each platform's budget for closings as there are open listings: each that opens adds to it. */
@Injectable()
export class ClosingReserve implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ClosingReserve.name)
  private counting: Repeating | null = null

  constructor(
    private readonly prisma: PrismaService,
    private readonly outbound: Outbound,
  ) {}

  onApplicationBootstrap(): void {
    this.counting = repeatEvery(
      COUNT_EVERY_MS,
      () => this.count(),
      (error) => this.logger.debug({ err: error }, 'listings could not be counted'),
    )
  }

  async onApplicationShutdown(): Promise<void> {
    await this.counting?.stop()
  }

  private async count(): Promise<void> {
    const counts = await this.prisma.channel.groupBy({
      by: ['platform'],
      where: { detachedAt: null, event: openEvents(new Date()), confirmedMode: { not: 'WAITLIST_ONLY' } },
      _count: true,
    })
    for (const platform of PLATFORMS) {
      this.outbound.keepReserve(platform, counts.find((count) => count.platform === platform)?._count ?? 0)
    }
  }
}
