import type { Balances } from '../domain/account.js'
import { followLegs } from '../domain/follow.js'
import { applyLegs } from '../domain/move.js'
import { newId } from '../infrastructure/ids.js'
import type { Book } from '../inventory/ledger.js'
import type { LockedPlan, LockedTake } from '../inventory/locked-stock.js'
import { standingOf, unmetGrowth } from './channel-standing.js'
import { FOLLOWS, safetyLoans } from './safety-loans.js'

/**
 * Makes an event's allocations follow its channels' exposure, as the rows stand in this transaction, and then lets a
 * capacity that is to shrink go down by what has become free.
 */
export async function followPlan(book: Book, eventId: string, salt: string): Promise<LockedPlan<void>> {
  const event = await book.tx.event.findUniqueOrThrow({ where: { id: eventId }, include: { channels: true } })
  const known = event.channels.map((channel) => standingOf(channel, book.balances))
  const borrowed = await safetyLoans(book, event)
  const legs = followLegs(book.balances, known, unmetGrowth(known), borrowed)
  const takes: LockedTake[] = []
  const take = (about: string, reason: string, takeLegs: LockedTake['legs']) =>
    takes.push({
      operationId: `${eventId}:${newId(about)}${salt}`,
      legs: takeLegs,
      reason,
      actor: null,
      short: 'taken',
    })
  if (legs.length > 0) take('follow', FOLLOWS, legs)
  const free = unallocatedAfter(book.balances, legs)
  const shrink = Math.min(event.capacity - event.targetCapacity, free)
  if (shrink > 0) take('capacity', 'capacity lowered', [{ quantity: shrink, from: ['UNALLOCATED'], to: 'CAPACITY' }])
  return {
    takes,
    finish: async (movements) => {
      const lowered = shrink > 0 && movements.at(-1) !== null
      if (!lowered) return
      await book.tx.event.update({ where: { id: eventId }, data: { capacity: event.capacity - shrink } })
    },
  }
}

function unallocatedAfter(balances: Balances, legs: LockedTake['legs']): number {
  return applyLegs(balances, legs)?.balances.UNALLOCATED ?? 0
}
