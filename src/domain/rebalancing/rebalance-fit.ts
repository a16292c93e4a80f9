import { DIRECT } from '../channel.js'
import { UNALLOCATED, type ChannelView, type Move } from './rebalance-view.js'

/** A channel's state when a plan is applied. */
export type CurrentChannel = Omit<
  ChannelView,
  | 'velocityPerHour'
  | 'evidence'
  | 'weight'
  | 'maxUnits'
  | 'correctionMs'
  | 'msSinceOpened'
  | 'msSinceRead'
  | 'writableInMs'
  | 'msSinceDonated'
  | 'msSinceReceived'
>

/**
 * True if planned moves can still be applied: no participating channel has a different cap since then, donors still have
 * the units to donate, and there are enough `unallocated` units.
 */
export function stillFits(
  moves: readonly Move[],
  planned: readonly ChannelView[],
  now: readonly CurrentChannel[],
  unallocated: number,
): boolean {
  if (movedUnits(moves, ({ from }) => from === UNALLOCATED) > Math.max(0, unallocated)) return false
  const involved = new Set(moves.flatMap(({ from, to }) => (from === UNALLOCATED ? [to] : [from, to])))
  return [...involved].every((id) => {
    const before = planned.find((channel) => channel.id === id)
    const after = now.find((channel) => channel.id === id)
    if (!before || !after?.open || !after.confirmed) return false
    const sameCap = after.cap === before.cap && after.confirmedCap === before.confirmedCap
    if (id !== DIRECT.id && !sameCap) return false
    const donated = movedUnits(moves, ({ from }) => from === id)
    return donated === 0 || after.cap - donated >= Math.max(after.minCap, after.sold + after.pending)
  })
}

/**
 * The cap of a channel after the moves; the same: it takes no part. Seats taken above a receiver's cap have units already,
 * so that what it receives is added to them: otherwise the raise would sell nothing.
 */
export function capAfter(
  { id, cap, sold, pending }: Pick<ChannelView, 'id' | 'cap' | 'sold' | 'pending'>,
  moves: readonly Move[],
): number {
  const change = movedUnits(moves, ({ to }) => to === id) - movedUnits(moves, ({ from }) => from === id)
  return (change > 0 ? Math.max(cap, sold + pending) : cap) + change
}

function movedUnits(moves: readonly Move[], counts: (move: Move) => boolean): number {
  return moves.filter(counts).reduce((sum, { quantity }) => sum + quantity, 0)
}
