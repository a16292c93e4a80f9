import type { Scenario } from '../scenario/actions.js'
import type { RunResult } from './run-scenario.js'
import type { SeedsReport } from './run-seeds.js'

const TAIL_LINES = 60

/** A failure, for a person: what is violated, the scenario, and the last steps. */
export function failureReport({ seed, actions }: Scenario, result: RunResult, file: string): string {
  return [
    `seed ${seed} fails after ${Math.round(result.virtualMs / 1_000)} s and ${result.steps} steps, trace ${result.traceHash}:`,
    ...result.violations.map(({ invariant, detail }) => `  ${invariant}: ${detail}`),
    `${actions.length} actions:`,
    ...actions.map((action) => `  ${JSON.stringify(action)}`),
    'listings:',
    ...result.state.map((line) => `  ${line}`),
    'last steps:',
    ...result.tail.slice(-TAIL_LINES).map((line) => `  ${line}`),
    `replay: npm run simulate -- --replay ${file}`,
  ].join('\n')
}

export function summary({ seeds, virtualMs, steps, faults, failures, seconds }: SeedsReport): string {
  const kinds = Object.entries(faults)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => `${kind} ${count}`)
  return [
    `${seeds} seeds, ${(virtualMs / 3_600_000).toFixed(1)} virtual hours, ${steps} steps in ${Math.round(seconds)} s`,
    `faults: ${kinds.join(', ') || 'none'}`,
    failures.length === 0
      ? '0 violations'
      : `${failures.length} seeds with violations: ${failures.map(({ seed }) => seed).join(', ')}`,
  ].join('\n')
}
