import { Injectable } from '@nestjs/common'
import { permitted, channelStateOf, type ChannelState } from '../../channels/channel-state.js'
import { isSoldOut } from '../../domain/caps/next-write.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { EventStore } from '../../stock/event-store.js'
import { FailSafeState } from '../../system-mode/fail-safe-state.js'

export interface ChannelCount {
  open: number
  waitlistOnly: number
  /** The desired state is not confirmed. */
  pending: number
}

/** Counts the channels of all events on sale by state. */
@Injectable()
export class ChannelCounter {
  constructor(
    private readonly events: EventStore,
    private readonly failSafe: FailSafeState,
    private readonly clock: Clock,
  ) {}

  async count(): Promise<ChannelCount> {
    const [failSafe, events] = await Promise.all([
      this.failSafe.isFailSafe(null),
      this.events.snapshots({ scope: 'open', now: this.clock.now() }),
    ])
    const count: ChannelCount = { open: 0, waitlistOnly: 0, pending: 0 }
    for (const { balances, channels } of events) {
      const attached = channels.filter(({ detachedAt }) => detachedAt === null)
      for (const channel of attached) count[bucketOf(permitted(channelStateOf(channel, balances), failSafe))] += 1
    }
    return count
  }
}

function bucketOf(channel: ChannelState): keyof ChannelCount {
  const { confirmedMode, confirmedCap, unconfirmedCap, desiredMode } = channel
  const asDesired = confirmedMode === desiredMode || (confirmedMode === 'WAITLIST_ONLY' && isSoldOut(channel))
  if (!asDesired || confirmedCap === null || unconfirmedCap !== null) return 'pending'
  return confirmedMode === 'OPEN' ? 'open' : 'waitlistOnly'
}
