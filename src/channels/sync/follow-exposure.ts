import { followPostings } from '../../domain/caps/follow-exposure.js'
import { withheldOf } from '../../domain/caps/withheld-units.js'
import { soldTotal } from '../../domain/stock/ledger-account.js'
import { applyPostings, type Posting } from '../../domain/stock/posting.js'
import type { Event } from '../../domain/event-record.js'
import type { EventStore } from '../../stock/event-store.js'
import type { StockTransaction } from '../../stock/stock-transaction.js'
import { channelStateOf, unmetGrowth } from '../channel-state.js'
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
  const shrink = Math.min(event.capacity - event.targetCapacity, leavableUnits(tx, event, postings))
  const lowering: Posting[] =
    shrink > 0 ? [{ quantity: shrink, sources: ['UNALLOCATED'], destination: 'CAPACITY' }] : []
  const [, lowered] = await tx.postAll([
    { postings, reason: FOLLOW_EXPOSURE_REASON, actor: null, onInsufficient: 'skip' },
    { postings: lowering, reason: 'capacity lowered', actor: null, onInsufficient: 'skip' },
  ])
  if (shrink <= 0 || !lowered) return
  await events.update(tx.transaction, eventId, { capacity: event.capacity - shrink })
}

/** The free units after `postings` that a smaller capacity can do without: withheld ones leave last. */
function leavableUnits({ balances }: StockTransaction, event: Event, postings: readonly Posting[]): number {
  const after = applyPostings(balances, postings)?.balances
  if (!after) return 0
  const room = event.targetCapacity - soldTotal(after) - after.HELD - after.SAFETY
  return after.UNALLOCATED - Math.max(0, Math.min(withheldOf(event, after), room))
}
