/** Who shares a pool: `weight` decides the share, `floor` is what can't be taken away (tickets already sold there). */
export interface Claim<K> {
  key: K
  weight: number
  floor: number
}

/**
 * Splits `pool` units by weight into whole shares that sum to the pool (or to the floors, where those are more).
 * Nobody falls below the floor; what floors take beyond their share is taken from the others by weight.
 * Fractions go to the largest remainders, ties to the earlier claim.
 */
export function splitPool<K>(pool: number, claims: readonly Claim<K>[]): Map<K, number> {
  const shares = new Map<K, number>(claims.map((claim) => [claim.key, claim.floor]))
  let open = claims.filter((claim) => claim.weight > 0)
  let rest = pool - claims.filter((claim) => claim.weight <= 0).reduce((sum, claim) => sum + claim.floor, 0)
  // Claims whose floor exceeds their share leave the split; each round ends one of them or the loop.
  for (;;) {
    const total = open.reduce((sum, claim) => sum + claim.weight, 0)
    const pinned = open.filter((claim) => claim.floor > (rest * claim.weight) / total)
    if (pinned.length === 0) break
    rest -= pinned.reduce((sum, claim) => sum + claim.floor, 0)
    open = open.filter((claim) => !pinned.includes(claim))
  }
  for (const [key, share] of largestRemainders(Math.max(0, rest), open)) shares.set(key, share)
  return shares
}

function largestRemainders<K>(pool: number, claims: readonly Claim<K>[]): Map<K, number> {
  const total = claims.reduce((sum, claim) => sum + claim.weight, 0)
  const exact = claims.map((claim) => ({ claim, share: (pool * claim.weight) / total }))
  const whole = new Map<K, number>(exact.map(({ claim, share }) => [claim.key, Math.floor(share)]))
  let left = claims.length === 0 ? 0 : pool - [...whole.values()].reduce((sum, share) => sum + share, 0)
  const byRemainder = exact.toSorted((a, b) => (b.share % 1) - (a.share % 1))
  for (const { claim } of byRemainder) {
    if (left === 0) break
    whole.set(claim.key, (whole.get(claim.key) ?? 0) + 1)
    left -= 1
  }
  return whole
}
