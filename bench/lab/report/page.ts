import type { Played } from '../study/play.js'
import type { PoolRow } from '../study/pools.js'
import type { Row } from '../study/rows.js'
import type { SizeRow } from '../study/sizes.js'
import { chartOf } from './chart.js'
import { cellsOf, HEAD, poolCellsOf, POOLS_HEAD, sizeCellsOf, SIZES_HEAD } from './table.js'

export interface Report {
  rows: readonly Row[]
  pools: readonly PoolRow[]
  sizes: readonly SizeRow[]
  /** Each sale of `rows`. */
  sales: readonly Played[]
  seeds: { first: number; count: number }
  unsafe: boolean
  dangers: readonly string[]
  /** Goals that are missed. */
  missed: readonly string[]
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{padding:.25rem .5rem;text-align:right;border-bottom:1px solid #ddd}
th:nth-child(-n+2),td:nth-child(-n+2){text-align:left}tr.rebalance{font-weight:600}svg{width:100%;height:auto}`

/** The report as one HTML page that needs nothing else. */
export function pageOf(report: Report): string {
  const { rows, pools, sizes, seeds, unsafe } = report
  const last = seeds.first + seeds.count - 1
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Policy lab</title><style>${STYLE}</style></head><body>
<h1>Policy lab${unsafe ? ': negative control' : ''}</h1>
<p>Seeds ${seeds.first} to ${last} of each family, every policy with the same buyers. The service and the simulated platforms run on
virtual time, with the platforms' real rate limits. Bars: mean share of what one pool that all platforms share without delay
would have sold; black mark: the worst twentieth of the traces begins here.</p>
${chartOf(rows)}
${listOf('Safety', report.dangers, unsafe ? 'As it must be, platforms could have oversold because of the planted fault.' : 'Nothing oversold, no platform could have, no call refused by a rate limit.')}
${unsafe ? '' : listOf('Goals missed', report.missed, 'None.')}
<h2>Figures</h2>
${tableOf(
  HEAD,
  rows.map((row) => ({ name: row.policy, cells: cellsOf(row) })),
)}
<p>lost: tickets against the clairvoyant (median, mean, p95, largest) · of best: part of the clairvoyant sales (median, worst twentieth,
mean) · revenue lost: mean part, after fees · oversold: tickets, and traces · exposed: traces in which the platforms
together could have sold more than the capacity · calls and moves: per trace · 429: calls refused by a platform.</p>
${titled('The policy by pool, over all families', POOLS_HEAD, pools.map(poolCellsOf))}
${titled('Size', SIZES_HEAD, sizes.map(sizeCellsOf))}
</body></html>
`
}

/** Empty without rows. */
function titled(title: string, head: readonly string[], rows: readonly string[][]): string {
  if (rows.length === 0) return ''
  return `<h2>${title}</h2>\n${tableOf(
    head,
    rows.map((cells) => ({ name: '', cells })),
  )}`
}

function tableOf(head: readonly string[], rows: readonly { name: string; cells: readonly string[] }[]): string {
  const line = (tag: 'th' | 'td', cells: readonly string[]) => cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')
  const body = rows.map(({ name, cells }) => `<tr class="${name}">${line('td', cells)}</tr>`)
  return `<table><thead><tr>${line('th', head)}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`
}

function listOf(title: string, problems: readonly string[], allGood: string): string {
  const items = problems.length === 0 ? [allGood] : problems
  return `<h2>${title}</h2><ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`
}
