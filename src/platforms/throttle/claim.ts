/**
 * What a process may spend while Redis cannot be asked: its `share` of half the limit; the `whole` limit, because it is
 * the only one that calls; or `none` of it, because another one has it whole.
 */
export type Claim = 'share' | 'whole' | 'none'

/** A claim that ends by itself: a process that stalls does not keep what another one has claimed meanwhile. */
export class ClaimLease {
  private claim: Claim = 'share'
  private until = Number.NEGATIVE_INFINITY

  constructor(private readonly now: () => number) {}

  /** Valid for `forMs`; then it is `share` again, unless claimed anew. */
  take(claim: Claim, forMs: number): void {
    this.claim = claim
    this.until = this.now() + forMs
  }

  current(): Claim {
    return this.now() < this.until ? this.claim : 'share'
  }
}
