/** Accounts that a hold can take units from. */
export type Source = 'DIRECT' | 'SAFETY_STOCK'

/**
 * The stock of an event that is sold directly only, as a buyer can predict it from the documented rules, without gate,
 * ledger, epochs and batches. Every unit is in one of `direct`, `safety`, `held` and `sold`.
 */
export class StockModel {
  held = 0
  sold = 0
  safety: number
  direct: number

  constructor(
    public capacity: number,
    private readonly safetyPercent: number,
  ) {
    this.safety = this.safetyShare(capacity)
    this.direct = capacity - this.safety
  }

  get taken(): number {
    return this.held + this.sold
  }

  /** Units that a hold from this source can take. */
  free(source: Source): number {
    return source === 'DIRECT' ? this.direct : this.safety
  }

  hold(quantity: number, source: Source): void {
    this.add(source, -quantity)
    this.held += quantity
  }

  /** Back to where the hold came from. */
  giveBack(quantity: number, source: Source): void {
    this.held -= quantity
    this.add(source, quantity)
  }

  sellHeld(quantity: number): void {
    this.held -= quantity
    this.sold += quantity
  }

  /** Without a hold: from the safety stock, or by a late payment. */
  sell(quantity: number, source: Source): void {
    this.add(source, -quantity)
    this.sold += quantity
  }

  /**
   * A capacity of at least `taken`. The safety stock follows its ratio, but is filled from new units only, and never beyond
   * what is neither held nor sold; the direct channel gets the remainder.
   */
  resize(capacity: number): void {
    const target = Math.min(this.safetyShare(capacity), capacity - this.taken)
    const added = Math.max(0, capacity - this.capacity)
    this.safety = Math.min(target, this.safety + added)
    this.direct = capacity - this.taken - this.safety
    this.capacity = capacity
  }

  /** What `GET /events/:id/stock` has to show. */
  view(): object {
    const { capacity, sold, held, direct, safety } = this
    return {
      capacity,
      sold,
      held,
      available: capacity - sold - held,
      unallocated: 0,
      inTransit: 0,
      oversold: 0,
      safetyStock: { total: this.safetyShare(capacity), remaining: safety },
      channels: [{ platform: 'DIRECT', allocation: direct, sold, held }],
    }
  }

  private safetyShare(capacity: number): number {
    return Math.ceil((capacity * this.safetyPercent) / 100)
  }

  private add(source: Source, quantity: number): void {
    if (source === 'DIRECT') this.direct += quantity
    else this.safety += quantity
  }
}
