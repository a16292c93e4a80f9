import { traceOf } from './model/demand.js'
import type { Family } from './model/families.js'
import { POLICIES, run, type Policy, type RunOptions, type RunResult } from './run.js'

/** One policy over all traces of a family. Shares are 0..1; `ofClairvoyant` may exceed 1: the pool is served first come, first served. */
export interface Row {
  family: Family
  policy: Policy
  traces: number
  sellThrough: Spread
  ofClairvoyant: Spread
  /** Tickets sold above the pool, over all traces, and the traces in which that happened. */
  oversold: number
  oversoldTraces: number
  /** Traces in which the platforms together could have sold more than the pool. */
  exposedTraces: number
  callsPerTrace: number
  throttled: number
}

export interface Spread {
  median: number
  p5: number
  mean: number
}

export interface Seeds {
  first: number
  count: number
}

/** Plays the seeds of one family under every policy. The same arguments always give the same rows. */
export function study(family: Family, { first, count }: Seeds, options: RunOptions = {}): Row[] {
  const pools: number[] = []
  const results = new Map<Policy, RunResult[]>(POLICIES.map((policy) => [policy, []]))
  for (let seed = first; seed < first + count; seed++) {
    const trace = traceOf(family, seed)
    pools.push(trace.pool)
    for (const policy of POLICIES) results.get(policy)?.push(run(trace, policy, options))
  }
  const best = results.get('clairvoyant') ?? []
  return POLICIES.map((policy) => rowOf(family, policy, { pools, best, results: results.get(policy) ?? [] }))
}

function rowOf(
  family: Family,
  policy: Policy,
  { pools, best, results }: { pools: number[]; best: RunResult[]; results: RunResult[] },
): Row {
  const sum = (of: (result: RunResult) => number) => results.reduce((total, result) => total + of(result), 0)
  return {
    family,
    policy,
    traces: results.length,
    sellThrough: spreadOf(results.map(({ sold }, index) => sold / (pools[index] ?? 1))),
    ofClairvoyant: spreadOf(results.map(({ sold }, index) => sold / Math.max(1, best[index]?.sold ?? 1))),
    oversold: sum(({ oversold }) => oversold),
    oversoldTraces: results.filter(({ oversold }) => oversold > 0).length,
    exposedTraces: results.filter(({ exposedAbove }) => exposedAbove > 0).length,
    callsPerTrace: sum(({ calls }) => calls) / Math.max(1, results.length),
    throttled: sum(({ throttled }) => throttled),
  }
}

function spreadOf(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
  return {
    median: at(0.5),
    p5: at(0.05),
    mean: values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length),
  }
}
