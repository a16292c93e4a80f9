import { Injectable } from '@nestjs/common'
import { exposure } from '../domain/caps/exposure.js'
import { freeUnits } from '../domain/caps/follow-exposure.js'
import { withheldOf } from '../domain/caps/withheld-units.js'
import { DIRECT } from '../domain/channel.js'
import type { Channel } from '../domain/channel-record.js'
import { eventState } from '../domain/events/event-state.js'
import { capAfter, stillFits } from '../domain/rebalancing/rebalance-fit.js'
import { UNALLOCATED, type EventView, type Move } from '../domain/rebalancing/rebalance-view.js'
import { allocated, type Balances } from '../domain/stock/ledger-account.js'
import type { Posting } from '../domain/stock/posting.js'
import { channelStateOf } from '../channels/channel-state.js'
import { DesiredState } from '../channels/desired-state.js'
import { newId } from '../infrastructure/ids.js'
import { Clock } from '../infrastructure/time/clock.js'
import { traitsOf } from '../platforms/registry.js'
import { EventStore, type EventWithChannels } from '../stock/event-store.js'
import type { LockedEvent } from '../stock/ledger.js'
import { Stock } from '../stock/stock.js'
import type { PostRequest } from '../stock/stock-transaction.js'
import { RebalanceMoveStore } from './rebalance-move-store.js'
import { currentChannels, platformView } from './rebalance-view.js'

/** Records planned moves as desired caps, each set of moves in one transaction. */
@Injectable()
export class DesiredMoves {
  constructor(
    private readonly stock: Stock,
    private readonly events: EventStore,
    private readonly desired: DesiredState,
    private readonly moves: RebalanceMoveStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Resets the desired cap of a receiver to its confirmed cap when no channel is about to release units, so that the next
   * plan starts from reachable caps.
   */
  async resetUnreachableCaps(eventId: string): Promise<void> {
    const event = await this.events.snapshot(eventId)
    // Nearly always there is nothing to reset: then the event is not locked.
    if (!event || unreachableCaps(event, event.balances).length === 0) return
    await this.stock.transact(eventId, async (tx) => {
      const locked = await this.events.withChannels(tx.transaction, eventId)
      for (const { channel, cap } of unreachableCaps(locked, tx.balances))
        await this.desired.setDesired(tx, channel, { cap, mode: 'OPEN' })
    })
  }

  /** False: superseded, because caps, sales or free units changed since the moves were planned. */
  async apply(eventId: string, view: EventView, moves: readonly Move[]): Promise<boolean> {
    return this.stock.transact(eventId, async (tx) => {
      const event = await this.events.withChannels(tx.transaction, eventId)
      const current = currentChannels(event, tx.balances)
      const open = eventState(event, this.clock.now()) === 'ON_SALE' && event.frozenSince === null
      if (!open || !stillFits(moves, view.channels, current.channels, current.unallocated)) return false
      if ((await tx.post(directRequest(moves))) === null) return false
      for (const channel of event.channels) await this.moveDesiredCap(tx, channel, moves)
      const plannedAt = this.clock.now()
      const planned = moves.map((move) => ({ ...move, id: newId('mov'), eventId, plannedAt }))
      await this.moves.append(tx.transaction, planned)
      return true
    })
  }

  private async moveDesiredCap(tx: LockedEvent, channel: Channel, moves: readonly Move[]): Promise<void> {
    const view = platformView(channel, tx.balances)
    const cap = capAfter(view, moves)
    if (cap !== view.cap) await this.desired.setDesired(tx, channel, { cap, mode: channel.desiredMode })
  }
}

/** Channels whose desired cap no unit can fill, with their confirmed caps. */
function unreachableCaps(event: EventWithChannels, balances: Balances): { channel: Channel; cap: number }[] {
  const states = event.channels.map((channel) => ({ channel, state: channelStateOf(channel, balances) }))
  // The units of a raise in flight are released once it is settled. A person is not waited for.
  const called = states.filter(({ channel }) => traitsOf(channel.platform).hasApi)
  const shrinking = called.some(({ state }) => (state.desiredCap ?? Infinity) < exposure(state))
  if (shrinking || freeUnits(balances) > withheldOf(event, balances)) return []
  return states.flatMap(({ channel, state }) => {
    const { confirmedCap, desiredCap, desiredMode } = state
    if (confirmedCap === null || desiredCap === null || desiredMode !== 'OPEN') return []
    return desiredCap > exposure(state) ? [{ channel, cap: confirmedCap }] : []
  })
}

/** The direct channel needs no write: its units move at once. Units it gets from a platform are part of a later plan. */
function directRequest(moves: readonly Move[]): PostRequest {
  const postings = moves.flatMap(({ from, to, quantity }): Posting[] => {
    if (from === DIRECT.id) return [{ quantity, sources: [allocated(DIRECT)], destination: 'IN_TRANSIT' }]
    if (to === DIRECT.id && from === UNALLOCATED)
      return [{ quantity, sources: ['UNALLOCATED'], destination: allocated(DIRECT) }]
    return []
  })
  return { postings, reason: 'rebalanced', actor: null, onInsufficient: 'skip' }
}
