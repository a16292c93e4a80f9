/**
 * What a process may spend while Redis is unavailable.
 *
 * - `share`: its share of half the limit.
 * - `whole`: the whole limit, since it is the only process that calls the platforms.
 * - `none`: nothing, since another process has the whole limit.
 */
export type Claim = 'share' | 'whole' | 'none'

/**
 * Lease of a claim, ms, which a closing process renews several times in it. One that was paused may spend what leaked out in
 * the meantime, while another process has the whole limit: at most this share of a window of a minute, which is within the
 * unspent tenth.
 */
export const CLAIM_MS = 5_000

/** Lease of a claim: it expires, so that a stalled process does not hold what another one has claimed since then. */
export class ClaimLease {
  private claim: Claim = 'share'
  private until = Number.NEGATIVE_INFINITY

  constructor(private readonly now: () => number) {}

  /** Sets the claim for `forMs`; unless renewed, it is `share` again afterwards. */
  renew(claim: Claim, forMs: number): void {
    this.claim = claim
    this.until = this.now() + forMs
  }

  current(): Claim {
    return this.now() < this.until ? this.claim : 'share'
  }
}
