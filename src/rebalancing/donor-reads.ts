import { Injectable, Logger, Optional } from '@nestjs/common'
import { AllocationPolicy, REBALANCING } from '../domain/rebalancing/allocation-policy.js'
import type { EventView } from '../domain/rebalancing/rebalance-view.js'
import type { Channel } from '../domain/channel-record.js'
import { Timers } from '../infrastructure/time/timers.js'
import { withTimeout } from '../infrastructure/time/with-timeout.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Platforms } from '../platforms/platforms.js'
import { ChannelPull } from '../channels/reading/channel-pull.js'

const DEADLINE_MS = 5_000
/** Minimum time between two attempts on one listing, ms, also after a failed read. */
const MIN_INTERVAL_MS = 10_000
const MAX_TRACKED = 5_000

/**
 * Reads listings whose units another channel is about to need, where the time since their last delivery or sweep is too
 * long to conclude that nothing was sold. Polled platforms are read often enough anyway.
 */
@Injectable()
export class DonorReads {
  private readonly logger = new Logger(DonorReads.name)
  private readonly attemptedAt = new Map<string, number>()

  constructor(
    private readonly platforms: Platforms,
    private readonly pulls: ChannelPull,
    private readonly clock: Clock,
    private readonly timers: Timers,
    @Optional() private readonly policy: AllocationPolicy = REBALANCING,
  ) {}

  /** True when something was read, so that `view` is stale. A channel whose read fails is left out of this round. */
  async read(view: EventView, channels: readonly Channel[]): Promise<boolean> {
    const donors = new Set(this.policy.channelsToRead(view))
    const due = channels.filter((channel) => donors.has(channel.id) && this.isDue(channel))
    const read = await Promise.all(due.map((channel) => this.readOne(channel)))
    return read.includes(true)
  }

  private isDue(channel: Channel): boolean {
    if (!this.platforms.of(channel).hasWebhooks) return false
    return this.clock.monotonicMs() - (this.attemptedAt.get(channel.id) ?? -Infinity) >= MIN_INTERVAL_MS
  }

  private async readOne(channel: Channel): Promise<boolean> {
    if (this.attemptedAt.size >= MAX_TRACKED) this.attemptedAt.clear()
    this.attemptedAt.set(channel.id, this.clock.monotonicMs())
    const details = { eventId: channel.eventId, platform: channel.platform }
    try {
      const result = await withTimeout(
        DEADLINE_MS,
        () => this.pulls.pull(channel, 'changed', { lane: 'grow' }),
        this.timers,
      )
      if (result.kind === 'FAILED') this.logger.log({ ...details, failure: result.failure.kind }, 'donor read failed')
      return result.kind === 'DONE'
    } catch (error) {
      this.logger.warn({ ...details, err: error }, 'donor read threw an error')
      return false
    }
  }
}
