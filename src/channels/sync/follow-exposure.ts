import { followPostings } from '../../domain/caps/follow-exposure.js'
import { withheldOf } from '../../domain/caps/withheld-units.js'
import { DIRECT } from '../../domain/channel.js'
import { allocated, soldTotal, unitsOf } from '../../domain/stock/ledger-account.js'
import { applyPostings, type Posting } from '../../domain/stock/posting.js'
import type { Event } from '../../domain/event-record.js'
import type { EventStore } from '../../stock/event-store.js'
import type { StockTransaction } from '../../stock/stock-transaction.js'
import { channelStateOf, unmetGrowth, type ChannelState } from '../channel-state.js'
import { FOLLOW_EXPOSURE_REASON, safetyLoans } from './safety-loans.js'

/**
 * Adjusts an event's allocations to its channels' exposure, as read in this transaction, and then lowers a capacity that
 * is to shrink by the units that became free.
 */
export async function followExposure(tx: StockTransaction, events: EventStore, eventId: string): Promise<void> {
  const event = await events.withChannels(tx.transaction, eventId)
  const states = event.channels.map((channel) => channelStateOf(channel, tx.balances))
  const borrowed = await safetyLoans(tx, event)
  const postings = followPostings(tx.balances, states, unmetGrowth(states), borrowed)
  const shrink = Math.min(event.capacity - event.targetCapacity, leavableUnits(tx, event, states, postings))
  const lowering: Posting[] =
    shrink > 0 ? [{ quantity: shrink, sources: ['UNALLOCATED'], destination: 'CAPACITY' }] : []
  const [, lowered] = await tx.postAll([
    { postings, reason: FOLLOW_EXPOSURE_REASON, actor: null, onInsufficient: 'skip' },
    { postings: lowering, reason: 'capacity lowered', actor: null, onInsufficient: 'skip' },
  ])
  if (shrink <= 0 || !lowered) return
  await events.update(tx.transaction, eventId, { capacity: event.capacity - shrink })
}

/**
 * The free units after `postings` that a smaller capacity can do without. Withheld ones stay as far as there is room for
 * them next to the desired caps: otherwise they would leave in place of those that platforms are about to release.
 */
function leavableUnits(
  { balances }: StockTransaction,
  event: Event,
  states: readonly ChannelState[],
  postings: readonly Posting[],
): number {
  const after = applyPostings(balances, postings)?.balances
  if (!after) return 0
  const needed = states.reduce((sum, state) => sum + neededUnits(state), unitsOf(after, allocated(DIRECT)))
  const room = event.targetCapacity - soldTotal(after) - after.HELD - after.SAFETY - needed
  return after.UNALLOCATED - Math.max(0, Math.min(withheldOf(event, after), room))
}

/** What a channel keeps once its desired cap is in force. */
function neededUnits({ desiredCap, minCap = 1, sold, allocated: own }: ChannelState): number {
  return desiredCap === null ? own : Math.max(0, Math.max(minCap, desiredCap) - sold)
}
