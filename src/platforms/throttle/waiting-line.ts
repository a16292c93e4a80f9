import type { Lane } from '../../domain/channel.js'
import type { Turn } from './limiter.js'

const LANES: readonly Lane[] = ['protect', 'grow', 'bulk']
/** A waiter that is later than this behind the time it was told loses its place, ms. */
const LATE_MS = 5_000
const MAX_WAITERS = 500

/** Lower ranks are served first. Ranks 3n to 3n + 2 are one lane. */
export function rankOf(lane: Lane, { continues, forWrite }: Omit<Turn, 'waiter'>): number {
  return 3 * LANES.indexOf(lane) + (continues ? 0 : forWrite ? 1 : 2)
}

interface Waiter {
  rank: number
  order: number
  weight: number
  expiry: number
}

/**
 * Calls that were refused, in the order in which they are served: by rank, then by arrival. The in-process twin of the
 * line in `lua/leaky-bucket.lua`.
 */
export class WaitingLine {
  private readonly waiters = new Map<string, Waiter>()
  private sequence = 0

  /** The weights that are served before this waiter: in all lanes, and in its own. */
  ahead(waiter: string, rank: number, now: number): { all: number; lane: number } {
    const order = this.waiters.get(waiter)?.order ?? Infinity
    let [all, lane] = [0, 0]
    for (const [id, other] of this.waiters) {
      if (other.expiry < now) this.waiters.delete(id)
      else if (id !== waiter && (other.rank < rank || (other.rank === rank && other.order < order))) {
        all += other.weight
        if (Math.floor(other.rank / 3) === Math.floor(rank / 3)) lane += other.weight
      }
    }
    return { all, lane }
  }

  /** Keeps the place of one that waited already. */
  join(waiter: string, rank: number, weight: number, until: number): void {
    const known = this.waiters.get(waiter)
    if (!known && this.waiters.size >= MAX_WAITERS) return
    const order = known?.order ?? ++this.sequence
    this.waiters.set(waiter, { rank, order, weight, expiry: until + LATE_MS })
  }

  leave(waiter: string): void {
    this.waiters.delete(waiter)
  }
}
