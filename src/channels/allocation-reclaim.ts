import { Injectable } from '@nestjs/common'
import { allocated } from '../domain/ledger-account.js'
import { PLATFORMS } from '../domain/channel.js'
import { seatsTaken } from '../domain/exposure.js'
import { freeUnits } from '../domain/follow-exposure.js'
import { sellableAfterReclaim } from '../domain/oversold.js'
import { Stock } from '../inventory/stock.js'
import { channelStateOf } from './channel-state.js'
import { DesiredState } from './desired-state.js'

/**
 * One channel sold what was kept for others: their caps go down, and what they let go of pays for it. Nobody is turned
 * away while there are seats that nobody has bought.
 */
@Injectable()
export class AllocationReclaim {
  constructor(
    private readonly stock: Stock,
    private readonly desired: DesiredState,
  ) {}

  /** True when lower caps are wanted now. Also where rebalancing is frozen: this is no matter of taste. */
  async lowerCaps(eventId: string): Promise<boolean> {
    return this.stock.transact(eventId, async (tx) => {
      const { balances, prisma } = tx
      const channels = await prisma.channel.findMany({
        where: { eventId, importedAt: { not: null }, desiredMode: 'OPEN' },
      })
      const standings = new Map(channels.map((channel) => [channel, channelStateOf(channel, balances)]))
      const left = new Map(
        [...standings].map(([channel, standing]) => [
          channel,
          Math.max(0, (standing.desiredCap ?? 0) - seatsTaken(standing)),
        ]),
      )
      const covered = PLATFORMS.reduce((sum, platform) => sum + balances[allocated(platform)], freeUnits(balances))
      const after = balances.OVERSOLD < 0 ? sellableAfterReclaim(left, covered + balances.OVERSOLD) : null
      let changed = false
      for (const [channel, units] of after ?? []) {
        const standing = standings.get(channel)
        if (!standing || units === left.get(channel)) continue
        const cap = seatsTaken(standing) + units
        const wanted = { cap, mode: cap === 0 ? ('WAITLIST_ONLY' as const) : channel.desiredMode }
        changed = (await this.desired.want(tx, channel, wanted)) || changed
      }
      return changed
    })
  }
}
