import { UNALLOCATED, type Move } from './rebalance-view.js'

/** A move as it was planned. */
export type PastMove = Pick<Move, 'from' | 'to' | 'quantity'> & { plannedAt: Date }

/** By channel: when it last donated units, and when it last received units of another channel. */
export interface LastMoves {
  donated: ReadonlyMap<string, Date>
  received: ReadonlyMap<string, Date>
}

/**
 * `moves`: in the order in which they were planned. Units that a donor has released may go through the reserve, also back
 * to the donor: they count as received wherever they arrive, or the move that released them would be planned again.
 */
export function lastMoves(moves: readonly PastMove[]): LastMoves {
  const donated = new Map<string, Date>()
  const received = new Map<string, Date>()
  let released = 0
  for (const { from, to, quantity, plannedAt } of moves) {
    if (from !== UNALLOCATED) donated.set(from, plannedAt)
    if (from !== UNALLOCATED || released > 0) received.set(to, plannedAt)
    released = from === UNALLOCATED ? Math.max(0, released - quantity) : released + quantity
  }
  return { donated, received }
}
