import type { Demand } from './velocity.js'

/** Shares of parties of 1, 2, 3 and 4 tickets: most buyers come alone or in pairs. */
const PARTY_SHARES = [4 / 9, 3 / 9, 1 / 9, 1 / 9] as const
const MEAN_PARTY = PARTY_SHARES.reduce((sum, share, index) => sum + share * (index + 1), 0)
export const LARGEST_PARTY = PARTY_SHARES.length
/** Evidence of at least this many parties: a smaller shape has no useful quantiles. */
const MIN_SHAPE = 0.5
/** Weights beyond this many standard deviations above the mean are negligible. */
const SPAN = 12
/** Weights are rescaled before they overflow. */
const TOO_LARGE = 1e200

/**
 * Probability of a demand of at least `n` tickets within `hours`, at index `n`: parties arrive as a Poisson process whose
 * rate has a Gamma distribution (`Demand`). Tickets beyond the last index are negligible.
 */
export function demandTail(demand: Demand, hours: number): Float64Array {
  const weights = weightsOf(demand, hours)
  const tail = new Float64Array(weights.length + 1)
  for (let n = weights.length - 1; n >= 0; n--) tail[n] = (tail[n + 1] ?? 0) + (weights[n] ?? 0)
  const total = tail[0] ?? 1
  return tail.map((weight) => weight / total)
}

/** The smallest number of tickets that demand exceeds with a probability of at most `risk`. */
export function quantileOf(tail: Float64Array, risk: number): number {
  let tickets = 0
  while ((tail[tickets + 1] ?? 0) > risk) tickets += 1
  return tickets
}

/**
 * Expected tickets sold per unit beyond `units`. Up to the largest party's size it is the best of adding one or more: a
 * party buys all of its tickets or none.
 */
export function valueOfMore(units: number, tail: Float64Array): number {
  if (units >= LARGEST_PARTY) return (soldToFirst(LARGEST_PARTY) / LARGEST_PARTY) * (tail[units + 1] ?? 0)
  let best = 0
  for (let more = units + 1; more <= LARGEST_PARTY; more++) {
    best = Math.max(best, (soldToFirst(more) - soldToFirst(units)) / (more - units))
  }
  return best * (tail[1] ?? 0)
}

/** Expected tickets of the next party, if it finds this number of units. */
function soldToFirst(units: number): number {
  return PARTY_SHARES.slice(0, units).reduce((sum, share, index) => sum + share * (index + 1), 0)
}

/** Panjer's recursion for the negative binomial number of parties; the weights are proportional to the probabilities. */
function weightsOf({ perHour, evidence }: Demand, hours: number): Float64Array {
  const mean = Math.max(0, perHour * hours)
  const variance = LARGEST_PARTY * mean + mean ** 2 / Math.max(1, evidence)
  const weights = new Float64Array(mean > 0 ? Math.ceil(mean + SPAN * Math.sqrt(variance)) + LARGEST_PARTY : 1)
  const [parties, shape] = [mean / MEAN_PARTY, Math.max(MIN_SHAPE, evidence / MEAN_PARTY)]
  const a = parties / (parties + shape)
  const b = (shape - 1) * a
  weights[0] = 1
  for (let n = 1; n < weights.length; n++) {
    let sum = 0
    for (let size = 1; size <= Math.min(LARGEST_PARTY, n); size++) {
      sum += (a + (b * size) / n) * (PARTY_SHARES[size - 1] ?? 0) * (weights[n - size] ?? 0)
    }
    weights[n] = sum
    if (sum > TOO_LARGE) for (let index = 0; index <= n; index++) weights[index] = (weights[index] ?? 0) / TOO_LARGE
  }
  return weights
}
