/** The known state of a platform's cap. All counts are tickets; caps are absolute totals. */
export interface CapKnowledge {
  /** The last cap the platform confirmed; null: unknown or unlimited. */
  confirmedCap: number | null
  /** The largest cap in flight or of unknown outcome; null: none. */
  unconfirmedCap: number | null
  /**
   * The exposure before a smaller cap that the platform confirmed without reporting its count: sales above that cap are
   * known only after the next count. Infinity: there was no cap before. Null or omitted: everything has been counted.
   */
  uncountedCap?: number | null
  /** Recorded sales of the platform. */
  sold: number
  /** In open carts, as last reported by the platform; lowering the cap does not evict them. */
  pending: number
  /**
   * The platform's own count of sales when it reported `pending`: the recorded sales may lag behind or run ahead of it.
   * Only another count replaces it. Null: not reported, so any number up to the cap. Omitted: the recorded sales are exact.
   */
  platformSold?: number | null
}

/** The most tickets the platform can end up having sold (I2). Infinity while no cap is known. */
export function exposure(known: CapKnowledge): number {
  if (known.confirmedCap === null) return Infinity
  return Math.max(known.confirmedCap, known.unconfirmedCap ?? 0, known.uncountedCap ?? 0, seatsTaken(known))
}

/** The platform's own last count of sales and carts: some platforms accept a cap below it, which releases nothing. */
export function platformCount({ platformSold, pending }: CapKnowledge): number {
  return typeof platformSold === 'number' ? platformSold + pending : 0
}

/** Seats sold or in carts, by the larger of both counts: no cap can reduce it below this. */
export function seatsTaken(known: CapKnowledge): number {
  const { confirmedCap, sold, pending, platformSold } = known
  const inCarts = pending > 0 && typeof platformSold !== 'number'
  const withCarts = inCarts ? pending + (platformSold === null ? (confirmedCap ?? sold) : sold) : 0
  return Math.max(sold, platformCount(known), withCarts)
}

/** Units that a channel's allocation must hold to cover its exposure: what the platform can still sell. */
export function requiredAllocation(known: CapKnowledge): number {
  return Math.max(0, exposure(known) - known.sold)
}
