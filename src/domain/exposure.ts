/** What is known of a platform's cap. All counts are tickets; caps are absolute totals. */
export interface CapKnowledge {
  /** The last cap the platform confirmed; null: unknown or unlimited. */
  confirmedCap: number | null
  /** The largest cap in flight or of unknown outcome; null: none. */
  unsettledCap: number | null
  /** Known sold there. */
  sold: number
  /** In open carts there, as the platform last told; a shrink does not evict them. */
  pending: number
  /**
   * What the platform itself counted as sold when it told `pending`: our own count may lag behind or run ahead of it.
   * Null: it did not say, so anything up to the cap. Left out: our own count is as good.
   */
  platformSold?: number | null
}

/** The most tickets the platform can end up having sold (I2). Infinity while no cap is known. */
export function exposure(known: CapKnowledge): number {
  if (known.confirmedCap === null) return Infinity
  return Math.max(known.confirmedCap, known.unsettledCap ?? 0, taken(known), countedThere(known))
}

/** What the platform itself counted when it last told: a cap below it is taken by some, and gives back nothing. */
export function countedThere({ platformSold, pending }: CapKnowledge): number {
  return typeof platformSold === 'number' ? platformSold + pending : 0
}

/** What is sold there or in a cart: no cap pushes it below this. */
export function taken({ confirmedCap, sold, pending, platformSold = sold }: CapKnowledge): number {
  if (pending === 0) return sold
  return Math.max(sold, (platformSold ?? confirmedCap ?? sold) + pending)
}

/** The units a channel's allocation must hold so that its exposure is covered: what it can still sell. */
export function uncoveredNeed(known: CapKnowledge): number {
  return Math.max(0, exposure(known) - known.sold)
}
