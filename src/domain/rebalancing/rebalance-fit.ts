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
  const sum = (moved: (move: Move) => boolean) => moves.filter(moved).reduce((all, { quantity }) => all + quantity, 0)
  if (sum(({ from }) => from === UNALLOCATED) > Math.max(0, unallocated)) return false
  const involved = new Set(moves.flatMap(({ from, to }) => (from === UNALLOCATED ? [to] : [from, to])))
  return [...involved].every((id) => {
    const before = planned.find((channel) => channel.id === id)
    const after = now.find((channel) => channel.id === id)
    if (!before || !after?.open || !after.confirmed) return false
    const sameCap = after.cap === before.cap && after.confirmedCap === before.confirmedCap
    if (id !== DIRECT.id && !sameCap) return false
    const donated = sum(({ from }) => from === id)
    return donated === 0 || after.cap - donated >= Math.max(after.minCap, after.sold + after.pending)
  })
}
