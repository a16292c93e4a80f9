import type { Row } from '../study.js'

export const HEAD = ['family', 'policy', 'sold', 'p5', 'of best', 'p5', 'mean', 'oversold', 'exposed', 'calls', '429']

/** The figures as text, one line per family and policy. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cellsOf)]
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const text = (line: string[]) =>
    line
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return lines.map(text).join('\n')
}

/** One row's figures, in the order of the head. */
export function cellsOf(row: Row): string[] {
  return [
    row.family,
    row.policy,
    percent(row.sellThrough.median),
    percent(row.sellThrough.p5),
    percent(row.ofClairvoyant.median),
    percent(row.ofClairvoyant.p5),
    percent(row.ofClairvoyant.mean),
    String(row.oversold),
    String(row.exposedTraces),
    row.callsPerTrace.toFixed(1),
    String(row.throttled),
  ]
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`
}
