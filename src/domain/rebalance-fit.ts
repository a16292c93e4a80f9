import type { ChannelView, Move } from './rebalance-view.js'

/** A channel as it stands when a plan is to be applied. */
export type ChannelNow = Omit<
  ChannelView,
  'velocityPerHour' | 'evidence' | 'weight' | 'openedMsAgo' | 'readMsAgo' | 'writableInMs' | 'gaveMsAgo' | 'gotMsAgo'
>

/**
 * Whether moves can be applied as they were planned: no channel that takes part was given another cap meanwhile, donors
 * still have what they are to give, and `unallocated` units are as many as are given out.
 */
export function stillFits(
  moves: readonly Move[],
  planned: readonly ChannelView[],
  now: readonly ChannelNow[],
  unallocated: number,
): boolean {
  const sum = (moved: (move: Move) => boolean) => moves.filter(moved).reduce((all, { quantity }) => all + quantity, 0)
  if (sum(({ from }) => from === 'UNALLOCATED') > Math.max(0, unallocated)) return false
  const involved = new Set(moves.flatMap(({ from, to }) => (from === 'UNALLOCATED' ? [to] : [from, to])))
  return [...involved].every((name) => {
    const before = planned.find(({ channel }) => channel === name)
    const after = now.find(({ channel }) => channel === name)
    if (!before || !after?.open || !after.settled) return false
    const same = after.cap === before.cap && after.confirmedCap === before.confirmedCap
    if (name !== 'DIRECT' && !same) return false
    const gives = sum(({ from }) => from === name)
    return gives === 0 || after.cap - gives >= Math.max(after.minCap, after.sold + after.pending)
  })
}
