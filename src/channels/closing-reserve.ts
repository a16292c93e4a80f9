import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import { PLATFORMS } from '../domain/channel.js'
import { repeatEvery, type Repeating } from '../infrastructure/repeat.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Outbound } from '../platforms/outbound.js'
import { ChannelStore } from './channel-store.js'

const COUNT_INTERVAL_MS = 5_000

/** Reserves budget of each platform for closing its open listings. */
@Injectable()
export class ClosingReserve implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ClosingReserve.name)
  private loop: Repeating | null = null

  constructor(
    private readonly channels: ChannelStore,
    private readonly outbound: Outbound,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.loop = repeatEvery(
      COUNT_INTERVAL_MS,
      () => this.count(),
      (error) => this.logger.debug({ err: error }, 'failed to count open listings; will retry'),
    )
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop?.stop()
  }

  private async count(): Promise<void> {
    const counts = await this.channels.countNotClosed(this.clock.now())
    for (const platform of PLATFORMS) this.outbound.updateReserve(platform, counts.get(platform) ?? 0)
  }
}
