/** What is known of a platform's cap. All counts are tickets; caps are absolute totals. */
export interface CapKnowledge {
  /** The last cap the platform confirmed; null: unknown or unlimited. */
  confirmedCap: number | null
  /** The largest cap in flight or of unknown outcome; null: none. */
  unconfirmedCap: number | null
  /**
   * The exposure before a smaller cap that the platform confirmed without counting: what it has sold above that cap is
   * known only once it counts again. Infinity: there was no cap before. Null or left out: all has been counted.
   */
  uncountedCap?: number | null
  /** Known sold there. */
  sold: number
  /** In open carts there, as the platform last told; a shrink does not evict them. */
  pending: number
  /**
   * What the platform itself counted as sold when it told `pending`: our own count may lag behind or run ahead of it.
   * Only another count replaces it. Null: it did not say, so anything up to the cap. Left out: our own count is as good.
   */
  platformSold?: number | null
}

/** The most tickets the platform can end up having sold (I2). Infinity while no cap is known. */
export function exposure(known: CapKnowledge): number {
  if (known.confirmedCap === null) return Infinity
  return Math.max(known.confirmedCap, known.unconfirmedCap ?? 0, known.uncountedCap ?? 0, seatsTaken(known))
}

/** What the platform itself counted when it last told: a cap below it is taken by some, and gives back nothing. */
export function platformCount({ platformSold, pending }: CapKnowledge): number {
  return typeof platformSold === 'number' ? platformSold + pending : 0
}

/** What is sold there or in a cart, by whoever counts more: no cap pushes it below this. */
export function seatsTaken(known: CapKnowledge): number {
  const { confirmedCap, sold, pending, platformSold } = known
  const inCarts = pending > 0 && typeof platformSold !== 'number'
  const carted = inCarts ? pending + (platformSold === null ? (confirmedCap ?? sold) : sold) : 0
  return Math.max(sold, platformCount(known), carted)
}

/** The units a channel's allocation must hold so that its exposure is covered: what it can still sell. */
export function requiredAllocation(known: CapKnowledge): number {
  return Math.max(0, exposure(known) - known.sold)
}
