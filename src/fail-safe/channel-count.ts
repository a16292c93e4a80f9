import { Injectable } from '@nestjs/common'
import { permitted, channelStateOf, type ChannelState } from '../channels/channel-state.js'
import { emptyBalances } from '../domain/ledger-account.js'
import { isSoldOut } from '../domain/next-write.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { balancesOf } from '../inventory/balance-columns.js'
import { openEvents } from '../inventory/live-events.js'
import { isFailSafe } from './stored-mode.js'

export interface ChannelCount {
  open: number
  waitlistOnly: number
  /** Not known to be as they are wanted. */
  pending: number
}

/** How the channels of all events on sale stand. */
@Injectable()
export class ChannelCounter {
  constructor(private readonly prisma: PrismaService) {}

  async count(): Promise<ChannelCount> {
    const [failSafe, events] = await Promise.all([
      isFailSafe(this.prisma),
      this.prisma.event.findMany({
        where: openEvents(new Date()),
        include: { balance: true, channels: { where: { detachedAt: null } } },
      }),
    ])
    const count: ChannelCount = { open: 0, waitlistOnly: 0, pending: 0 }
    for (const { balance, channels } of events) {
      const balances = balance ? balancesOf(balance) : emptyBalances()
      for (const channel of channels) count[placeOf(permitted(channelStateOf(channel, balances), failSafe))] += 1
    }
    return count
  }
}

function placeOf(channel: ChannelState): keyof ChannelCount {
  const { confirmedMode, confirmedCap, unconfirmedCap, desiredMode } = channel
  const asWanted = confirmedMode === desiredMode || (confirmedMode === 'WAITLIST_ONLY' && isSoldOut(channel))
  if (!asWanted || confirmedCap === null || unconfirmedCap !== null) return 'pending'
  return confirmedMode === 'OPEN' ? 'open' : 'waitlistOnly'
}
