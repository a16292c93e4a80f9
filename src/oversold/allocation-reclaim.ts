import { Injectable } from '@nestjs/common'
import { DIRECT } from '../domain/channel.js'
import { allocated, allocatedTotal, unitsOf } from '../domain/stock/ledger-account.js'
import { seatsTaken } from '../domain/caps/exposure.js'
import { freeUnits } from '../domain/caps/follow-exposure.js'
import { sellableAfterReclaim } from '../domain/stock/oversold.js'
import { Stock } from '../stock/stock.js'
import { channelStateOf } from '../channels/channel-state.js'
import { ChannelStore } from '../channels/channel-store.js'
import { DesiredState } from '../channels/desired-state.js'

/**
 * When one channel sells units allocated to others, lowers the other channels' caps so that the units they release
 * cover the excess. Buyers keep their tickets while there are unsold seats.
 */
@Injectable()
export class AllocationReclaim {
  constructor(
    private readonly stock: Stock,
    private readonly channels: ChannelStore,
    private readonly desired: DesiredState,
  ) {}

  /** True when desired caps were lowered. Applies to frozen events too: covering an excess is not optional. */
  async lowerCaps(eventId: string): Promise<boolean> {
    return this.stock.transact(eventId, async (tx) => {
      const { balances } = tx
      const imported = await this.channels.matching(tx.transaction, { eventId, imported: true })
      const open = imported.filter(({ desiredMode }) => desiredMode === 'OPEN')
      const states = new Map(open.map((channel) => [channel, channelStateOf(channel, balances)]))
      const sellable = new Map(
        [...states].map(([channel, state]) => [channel, Math.max(0, (state.desiredCap ?? 0) - seatsTaken(state))]),
      )
      const onPlatforms = allocatedTotal(balances) - unitsOf(balances, allocated(DIRECT))
      const covered = onPlatforms + freeUnits(balances)
      const after = balances.OVERSOLD < 0 ? sellableAfterReclaim(sellable, covered + balances.OVERSOLD) : null
      let changed = false
      for (const [channel, units] of after ?? []) {
        const state = states.get(channel)
        if (!state || units === sellable.get(channel)) continue
        const cap = seatsTaken(state) + units
        const mode = cap === 0 ? 'WAITLIST_ONLY' : channel.desiredMode
        changed = (await this.desired.setDesired(tx, channel, { cap, mode })) || changed
      }
      return changed
    })
  }
}
