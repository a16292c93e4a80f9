import { Injectable } from '@nestjs/common'
import { Periodic } from '../infrastructure/background/periodic.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Outbound } from '../platforms/outbound.js'
import { ChannelStore } from './channel-store.js'

const COUNT_INTERVAL_MS = 5_000

/** Reserves budget of each connection for closing its open listings. */
@Injectable()
export class ClosingReserve {
  constructor(
    private readonly channels: ChannelStore,
    private readonly outbound: Outbound,
    private readonly clock: Clock,
  ) {}

  @Periodic({ name: 'count of open listings', every: COUNT_INTERVAL_MS, runsIn: 'every process' })
  async count(): Promise<void> {
    this.outbound.updateReserves(await this.channels.countNotClosed(this.clock.now()))
  }
}
