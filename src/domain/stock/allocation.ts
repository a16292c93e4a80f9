/** A claim on a pool: `weight` decides the share, `floor` is its minimum (tickets already sold there). */
export interface Claim<K> {
  key: K
  weight: number
  floor: number
}

/**
 * Splits `pool` units by weight into whole shares that sum to the pool (or to the sum of the floors, if larger).
 * No share is below its floor; what a floor adds to a share is deducted from the other claims by weight.
 * Rounding uses the largest remainder method; ties go to the earlier claim.
 */
export function splitPool<K>(pool: number, claims: readonly Claim<K>[]): Map<K, number> {
  const shares = new Map<K, number>(claims.map((claim) => [claim.key, claim.floor]))
  let unpinned = claims.filter((claim) => claim.weight > 0)
  let remaining = pool - claims.filter((claim) => claim.weight <= 0).reduce((sum, claim) => sum + claim.floor, 0)
  // Claims whose floor exceeds their share are fixed at the floor; each pass fixes at least one or ends the loop.
  for (;;) {
    const total = unpinned.reduce((sum, claim) => sum + claim.weight, 0)
    const pinned = unpinned.filter((claim) => claim.floor > (remaining * claim.weight) / total)
    if (pinned.length === 0) break
    remaining -= pinned.reduce((sum, claim) => sum + claim.floor, 0)
    unpinned = unpinned.filter((claim) => !pinned.includes(claim))
  }
  for (const [key, share] of largestRemainders(Math.max(0, remaining), unpinned)) shares.set(key, share)
  return shares
}

function largestRemainders<K>(pool: number, claims: readonly Claim<K>[]): Map<K, number> {
  const total = claims.reduce((sum, claim) => sum + claim.weight, 0)
  const exact = claims.map((claim) => ({ claim, share: (pool * claim.weight) / total }))
  const shares = new Map<K, number>(exact.map(({ claim, share }) => [claim.key, Math.floor(share)]))
  let leftover = claims.length === 0 ? 0 : pool - [...shares.values()].reduce((sum, share) => sum + share, 0)
  const byRemainder = exact.toSorted((a, b) => (b.share % 1) - (a.share % 1))
  for (const { claim } of byRemainder) {
    if (leftover === 0) break
    shares.set(claim.key, (shares.get(claim.key) ?? 0) + 1)
    leftover -= 1
  }
  return shares
}
