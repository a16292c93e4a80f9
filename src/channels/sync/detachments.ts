import { Injectable } from '@nestjs/common'
import { nextWrite } from '../../domain/caps/next-write.js'
import { seatsTaken } from '../../domain/caps/exposure.js'
import type { Channel } from '../../domain/channel-record.js'
import type { Balances } from '../../domain/stock/ledger-account.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { traitsOf } from '../../platforms/registry.js'
import { Stock } from '../../stock/stock.js'
import { attachmentOf, detachedState } from '../attachment.js'
import { channelStateOf, permitted } from '../channel-state.js'
import { ChannelStore } from '../channel-store.js'
import { ChannelPull } from '../reading/channel-pull.js'
import { READ_LAG_MS } from '../recount.js'
import { retryIn, SyncFailures, type SyncResult } from './sync-failures.js'

const BUSY_MS = 300
/** Carts that are still open there, or sales that its orders do not show yet. */
const UNDECIDED_MS = 60_000

/**
 * Ends a channel that an operator requested to detach. It is closed like a paused one; once the platform has confirmed that, all
 * its orders are read once more, late enough to show its last sales, and it is detached if they are all that it can have sold.
 */
@Injectable()
export class Detachments {
  constructor(
    private readonly channels: ChannelStore,
    private readonly stock: Stock,
    private readonly pulls: ChannelPull,
    private readonly failures: SyncFailures,
    private readonly clock: Clock,
  ) {}

  /** Requires the channel's lock, so that no write of it is in flight, and a channel that is in sync. */
  async complete(channel: Channel): Promise<SyncResult> {
    const { id, eventId } = channel
    const readableAt = (channel.confirmedAt?.getTime() ?? 0) + READ_LAG_MS
    const wait = readableAt - this.clock.now().getTime()
    if (wait > 0) return retryIn(wait, 'its last sales are read after its closing', this.clock.now())
    if (channel.pendingTickets > 0) return retryIn(UNDECIDED_MS, 'carts are open there', this.clock.now())
    const stopped = await this.readLastSales(channel)
    if (stopped) return stopped
    const isDetached = await this.stock.transact(eventId, async (tx) => {
      const current = await this.channels.read(tx.transaction, id)
      if (!isOver(current, channel, tx.balances)) return false
      // With nothing sold it is closed at a cap of 1, under which some platforms sell a ticket: a unit stays to cover it.
      const { confirmedCap } = current
      await this.channels.update(tx.transaction, id, { ...detachedState(this.clock.now()), confirmedCap })
      tx.prove({ kind: 'CHANNEL_DETACHED', channel: id })
      return true
    })
    return isDetached ? { done: true, eventId } : retryIn(UNDECIDED_MS, 'it may still sell', this.clock.now())
  }

  /** Null: all are recorded. Without an API the confirmation of its closing has counted them. */
  private async readLastSales(channel: Channel): Promise<SyncResult | null> {
    if (!traitsOf(channel.platform).hasApi) return null
    const pulled = await this.pulls.pull(channel, 'full', { lane: 'protect' })
    if (pulled.kind === 'BUSY') return retryIn(BUSY_MS, 'its orders are being read', this.clock.now())
    return pulled.kind === 'FAILED' ? this.failures.recordFailure(channel, pulled.failure, 'read') : null
  }
}

/** Closed since before the orders were read, with nothing in flight and nothing sold or in carts that is not recorded. */
function isOver(current: Channel, before: Channel, balances: Balances): boolean {
  if (attachmentOf(current) !== 'DETACHING' || current.writeSeq !== before.writeSeq) return false
  const state = channelStateOf(current, balances)
  const isClosed = nextWrite(permitted(state, false), 0).kind === 'IN_SYNC'
  return isClosed && current.uncountedSince === null && seatsTaken(state) <= state.sold
}
