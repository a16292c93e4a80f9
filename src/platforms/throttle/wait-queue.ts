import type { Lane } from '../../domain/channel.js'
import type { Turn } from './limiter.js'

const LANES: readonly Lane[] = ['protect', 'grow', 'bulk']
/** A waiter that retries later than this after the end of its wait loses its place, ms. */
const LATE_MS = 5_000
const MAX_WAITERS = 500

/**
 * Priority of a call: lower ranks are served first. Ranks 3n to 3n + 2 are one lane. Later calls of a read are served
 * in order with the writes that start: before them, a long list would delay a closing.
 */
export function queueRank(lane: Lane, { continues = false, forWrite = false }: Omit<Turn, 'waiter'>): number {
  return 3 * LANES.indexOf(lane) + (continues && forWrite ? 0 : continues || forWrite ? 1 : 2)
}

const FIRST_GROW_RANK = 3
/** Of a `bulk` call whose floor is due: behind all of `protect`, before all of `grow`. */
export const DUE_BULK_RANK = 2.5

export function isBulkRank(rank: number): boolean {
  return rank === DUE_BULK_RANK || rank >= 6
}

const laneOf = (rank: number): number => (isBulkRank(rank) ? 2 : Math.floor(rank / 3))

interface Waiter {
  rank: number
  order: number
  weight: number
  expiry: number
}

/**
 * Refused calls in the order in which they are served: by rank, then by arrival. In-process equivalent of the queue in
 * `lua/leaky-bucket.lua`.
 */
export class WaitQueue {
  private readonly waiters = new Map<string, Waiter>()
  private sequence = 0

  /** Total weight that is served before this waiter: in all lanes, in its own, and ahead of all of `grow`. */
  ahead(waiter: string, rank: number, now: number): { all: number; lane: number; beforeGrow: number } {
    for (const [id, { expiry }] of this.waiters) if (expiry < now) this.waiters.delete(id)
    const order = this.waiters.get(waiter)?.order ?? Infinity
    let [all, lane, beforeGrow] = [0, 0, 0]
    for (const [id, other] of this.waiters) {
      if (id !== waiter && (other.rank < rank || (other.rank === rank && other.order < order))) {
        all += other.weight
        if (laneOf(other.rank) === laneOf(rank)) lane += other.weight
        if (other.rank < FIRST_GROW_RANK) beforeGrow += other.weight
      }
    }
    return { all, lane, beforeGrow }
  }

  /** A waiter that is already in the queue keeps its place. */
  join(waiter: string, rank: number, weight: number, until: number): void {
    const known = this.waiters.get(waiter)
    if (!known && this.waiters.size >= MAX_WAITERS) return
    const order = known?.order ?? ++this.sequence
    this.waiters.set(waiter, { rank, order, weight, expiry: until + LATE_MS })
  }

  leave(waiter: string): void {
    this.waiters.delete(waiter)
  }

  copy(): WaitQueue {
    const copy = new WaitQueue()
    for (const [id, waiter] of this.waiters) copy.waiters.set(id, waiter)
    copy.sequence = this.sequence
    return copy
  }
}
