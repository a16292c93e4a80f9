import type { Family } from '../demand/families.js'
import type { Policy } from '../policies.js'
import type { Played } from './play.js'

/** One policy over all traces of a family. Counts are tickets; `lost` and shares are against the clairvoyant. */
export interface Row {
  family: Family
  policy: Policy
  traces: number
  lost: { median: number; mean: number; p95: number; max: number }
  /** Above 1 where first come, first served is not the best order. */
  share: { median: number; p5: number; mean: number }
  revenueShareLost: { median: number; mean: number; p95: number }
  /** Sold above the capacity, over all traces, and the traces in which that happened. */
  oversold: number
  oversoldTraces: number
  /** Traces in which the platforms together could have sold more than the capacity. */
  exposedTraces: number
  callsPerTrace: number
  refusedCalls: number
  movesPerTrace: number
  /** The seeds that lost most. */
  worst: { seed: number; lost: number }[]
}

const WORST = 5

/** One row per family and policy, in the order of their first results. */
export function rowsOf(played: readonly Played[]): Row[] {
  const groups = new Map<string, Played[]>()
  for (const one of played) {
    const key = `${one.family} ${one.policy}`
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()].flatMap((group) => (group[0] ? [rowOf(group[0], group)] : []))
}

function rowOf({ family, policy }: Played, played: readonly Played[]): Row {
  const sum = (of: (one: Played) => number) => played.reduce((total, one) => total + of(one), 0)
  const at = (share: number, of: (one: Played) => number) => quantile(played.map(of), share)
  const meanOf = (of: (one: Played) => number) => mean(played.map(of))
  const [lost, share, revenue] = [
    ({ lost }: Played) => lost,
    (one: Played) => one.share,
    (one: Played) => one.revenueShareLost,
  ]
  return {
    family,
    policy,
    traces: played.length,
    lost: { median: at(0.5, lost), mean: meanOf(lost), p95: at(0.95, lost), max: at(1, lost) },
    share: { median: at(0.5, share), p5: at(0.05, share), mean: meanOf(share) },
    revenueShareLost: { median: at(0.5, revenue), mean: meanOf(revenue), p95: at(0.95, revenue) },
    oversold: sum(({ oversold }) => oversold),
    oversoldTraces: sum(({ oversold }) => (oversold > 0 ? 1 : 0)),
    exposedTraces: sum(({ exposedAbove }) => (exposedAbove > 0 ? 1 : 0)),
    callsPerTrace: meanOf(({ calls }) => calls),
    refusedCalls: sum(({ refusedCalls }) => refusedCalls),
    movesPerTrace: meanOf(({ moves }) => moves),
    worst: played
      .toSorted((a, b) => b.lost - a.lost)
      .slice(0, WORST)
      .map(({ seed, lost }) => ({ seed, lost })),
  }
}

/** 0 of none. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

/** Interpolated between the two nearest values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const low = sorted[Math.floor(place)] ?? 0
  return low + (place % 1) * ((sorted[Math.ceil(place)] ?? low) - low)
}
