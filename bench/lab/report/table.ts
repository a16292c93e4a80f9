import type { Row } from '../study/rows.js'
import type { PoolRow } from '../study/pools.js'
import type { SizeRow } from '../study/sizes.js'
import { percent, tickets } from './format.js'

const LOSS_HEAD = ['lost', 'mean', 'p95', 'max', 'of best', 'p5', 'mean', 'revenue lost']
export const HEAD = ['family', 'policy', ...LOSS_HEAD, 'oversold', 'traces', 'exposed', 'calls', '429', 'moves']
export const POOLS_HEAD = ['pool', 'traces', 'lost', 'mean', 'max', 'of best p5', 'mean', 'one ticket']
export const SIZES_HEAD = ['seats', 'traces', 'lost', 'mean', 'max', 'of best']

/** One row's figures, in the order of the head. */
export function cellsOf({ lost, share, ...row }: Row): string[] {
  return [
    row.family,
    row.policy,
    ...[lost.median, lost.mean, lost.p95, lost.max].map(tickets),
    ...[share.median, share.p5, share.mean, row.revenueShareLost.mean].map(percent),
    ...[row.oversold, row.oversoldTraces, row.exposedTraces].map(String),
    row.callsPerTrace.toFixed(0),
    String(row.refusedCalls),
    row.movesPerTrace.toFixed(1),
  ]
}

export function sizeCellsOf({ pool, traces, medianLost, meanLost, maxLost, share }: SizeRow): string[] {
  return [String(pool), String(traces), ...[medianLost, meanLost, maxLost].map(tickets), percent(share)]
}

export function poolCellsOf({ tickets: { from, to }, traces, lost, share, oneTicket }: PoolRow): string[] {
  return [
    to === null ? `${from} and more` : `${from} to ${to}`,
    String(traces),
    ...[lost.median, lost.mean, lost.max].map(tickets),
    ...[share.p5, share.mean, oneTicket].map(percent),
  ]
}

/** Lines of text, one per row. `left`: the number of columns of text. */
export function textTable(head: readonly string[], rows: readonly string[][], left: number): string {
  const lines = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const pad = (cell: string, column: number) =>
    column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return lines.map((line) => line.map(pad).join('  ')).join('\n')
}
