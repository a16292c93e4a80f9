import { followPostings } from '../domain/follow-exposure.js'
import { applyPostings, type Posting } from '../domain/posting.js'
import type { StockTransaction } from '../inventory/stock-transaction.js'
import { channelStateOf, unmetGrowth } from './channel-state.js'
import { FOLLOWS, safetyLoans } from './safety-loans.js'

/**
 * Makes an event's allocations follow its channels' exposure, as the rows stand in this transaction, and then lets a
 * capacity that is to shrink go down by what has become free.
 */
export async function followExposure(tx: StockTransaction, eventId: string): Promise<void> {
  const event = await tx.prisma.event.findUniqueOrThrow({ where: { id: eventId }, include: { channels: true } })
  const known = event.channels.map((channel) => channelStateOf(channel, tx.balances))
  const borrowed = await safetyLoans(tx, event)
  const postings = followPostings(tx.balances, known, unmetGrowth(known), borrowed)
  const free = applyPostings(tx.balances, postings)?.balances.UNALLOCATED ?? 0
  const shrink = Math.min(event.capacity - event.targetCapacity, free)
  const lowering: Posting[] =
    shrink > 0 ? [{ quantity: shrink, sources: ['UNALLOCATED'], destination: 'CAPACITY' }] : []
  const [, lowered] = await tx.postAll([
    { postings, reason: FOLLOWS, actor: null, onInsufficient: 'skip' },
    { postings: lowering, reason: 'capacity lowered', actor: null, onInsufficient: 'skip' },
  ])
  if (shrink <= 0 || !lowered) return
  await tx.prisma.event.update({ where: { id: eventId }, data: { capacity: event.capacity - shrink } })
}
