import { chartOf } from './chart.js'
import type { Row, Seeds } from '../study.js'
import { cellsOf, HEAD } from './table.js'

export interface Report {
  rows: readonly Row[]
  seeds: Seeds
  unsafe: boolean
  dangers: readonly string[]
  shortfalls: readonly string[]
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{padding:.25rem .5rem;text-align:right;border-bottom:1px solid #ddd}
th:nth-child(-n+2),td:nth-child(-n+2){text-align:left}tr.rebalance{font-weight:600}svg{width:100%;height:auto}`

/** The report as one HTML page that needs nothing else. */
export function pageOf(report: Report): string {
  const { rows, seeds, unsafe } = report
  const last = seeds.first + seeds.count - 1
  const body = rows.map(
    (row) =>
      `<tr class="${row.policy}">${cellsOf(row)
        .map((cell) => `<td>${cell}</td>`)
        .join('')}</tr>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Policy lab</title><style>${STYLE}</style></head><body>
<h1>Policy lab${unsafe ? ': negative control' : ''}</h1>
<p>Seeds ${seeds.first} to ${last} of each family, every policy on the same buyers. Bars: mean share of what one pool that
all platforms share without delay would have sold; black mark: the worst twentieth of the traces begins here.</p>
${chartOf(rows)}
${listOf('Safety', report.dangers, unsafe ? 'As it must be, the lab oversells without the exposure rule.' : 'Nothing oversold, no platform could have, no call refused by a rate limit.')}
${listOf('Goals', report.shortfalls, 'At least 99 % of clairvoyant in the median trace and ahead of both static splits, in every family.')}
<h2>Figures</h2>
<table><thead><tr>${HEAD.map((head) => `<th>${head}</th>`).join('')}</tr></thead><tbody>
${body.join('\n')}
</tbody></table>
<p>sold: part of the pool, median and worst twentieth · of best: part of the clairvoyant sales, median, worst twentieth
and mean · oversold: tickets · exposed: traces in which the caps together exceeded the pool · calls: cap writes and
their reads per trace · 429: calls refused by a platform.</p>
</body></html>
`
}

function listOf(title: string, problems: readonly string[], allGood: string): string {
  const items = problems.length === 0 ? [allGood] : problems
  return `<h2>${title}</h2><ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`
}
