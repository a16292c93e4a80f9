/** What a platform shows of one listing. Counts are tickets. */
export interface Reading {
  cap: number
  sold: number
  /** In open carts. */
  pending: number
}

/** The state of one platform: it enforces its cap atomically, carts included; a lower cap evicts no cart. */
export class PlatformModel {
  sold = 0
  private pending = 0

  constructor(private cap: number) {}

  /** Puts `size` tickets in a cart, if the cap allows it. */
  reserve(size: number): boolean {
    if (this.sold + this.pending + size > this.cap) return false
    this.pending += size
    return true
  }

  complete(size: number): void {
    this.pending -= size
    this.sold += size
  }

  abandon(size: number): void {
    this.pending -= size
  }

  cancel(size: number): void {
    this.sold -= size
  }

  /** A cap below what is sold becomes what is sold; the smallest is 1. */
  setCap(cap: number): void {
    this.cap = Math.max(1, cap, this.sold)
  }

  /** The most it can end up having sold. */
  most(): number {
    return Math.max(this.cap, this.sold + this.pending)
  }

  read(): Reading {
    return { cap: this.cap, sold: this.sold, pending: this.pending }
  }
}
