import { Injectable } from '@nestjs/common'
import { permitted, channelStateOf, type ChannelState } from '../channels/channel-state.js'
import { emptyBalances } from '../domain/ledger-account.js'
import { isSoldOut } from '../domain/next-write.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'
import { balancesOf, WITH_BALANCES } from '../infrastructure/prisma/balance-rows.js'
import { openEvents } from '../infrastructure/prisma/live-events.js'
import { isFailSafe } from '../system-mode/stored-mode.js'

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
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  async count(): Promise<ChannelCount> {
    const [failSafe, events] = await Promise.all([
      isFailSafe(this.prisma),
      this.prisma.event.findMany({
        where: openEvents(this.clock.now()),
        include: { ledger: WITH_BALANCES, channels: { where: { detachedAt: null } } },
      }),
    ])
    const count: ChannelCount = { open: 0, waitlistOnly: 0, pending: 0 }
    for (const { ledger, channels } of events) {
      const balances = ledger ? balancesOf(ledger) : emptyBalances()
      for (const channel of channels) count[bucketOf(permitted(channelStateOf(channel, balances), failSafe))] += 1
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
