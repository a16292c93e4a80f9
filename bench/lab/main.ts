import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { explain } from './explain.js'
import { parseOptions, USAGE, UsageError, type Options } from './options.js'
import type { Policy } from './policies.js'
import { chartOf } from './report/chart.js'
import { pageOf, type Report } from './report/page.js'
import { cellsOf, HEAD, poolCellsOf, POOLS_HEAD, sizeCellsOf, SIZES_HEAD, textTable } from './report/table.js'
import { dangers, missedGoals } from './study/goals.js'
import type { Play } from './study/play.js'
import { poolRowsOf } from './study/pools.js'
import { rowsOf } from './study/rows.js'
import { sizePlays, sizeRowsOf } from './study/sizes.js'
import { performAll } from './study/workers.js'

const UNSAFE_POLICIES: readonly Policy[] = ['rebalance', 'clairvoyant']

/** Runs the lab from its command line. Returns the exit code: 0 safe, 1 not, 2 usage. */
export async function main(args: string[]): Promise<number> {
  try {
    const options = parseOptions(args)
    if (options.explain) {
      const { family, seed, policy } = options.explain
      console.log(await explain(family, seed, policy))
      return 0
    }
    return await compare(options)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`${error.message}\n\n${USAGE}`)
    return 2
  }
}

async function compare(options: Options): Promise<number> {
  const { html } = options
  const report = await study(options)
  mkdirSync(dirname(html), { recursive: true })
  writeFileSync(html, pageOf(report))
  writeFileSync(html.replace(/(\.html?)?$/, '.svg'), chartOf(report.rows))
  console.log(options.json ? JSON.stringify(report, null, 2) : textOf(report))
  for (const problem of report.dangers) console.error(`not safe: ${problem}`)
  for (const problem of report.missed) console.error(`goal missed: ${problem}`)
  console.error(`report: ${html}`)
  return report.dangers.length === 0 ? 0 : 1
}

async function study({ families, policies, seeds, first, sizes, unsafe, workers }: Options): Promise<Report> {
  const chosen = unsafe ? UNSAFE_POLICIES : policies
  const plays = Array.from({ length: seeds }, (_, index) => first + index).flatMap((seed) =>
    families.flatMap((family) => chosen.map((policy): Play => ({ family, seed, policy }))),
  )
  const bySize = unsafe ? [] : sizePlays(first, sizes, families)
  const count = plays.length + bySize.length
  const step = Math.max(1, Math.round(count / 20))
  const { played, failed } = await performAll([...plays, ...bySize], { count: workers, unsafe }, (done) => {
    if (done % step === 0) console.error(`${done} of ${count} sales`)
  })
  const sales = played.filter(({ pool }) => pool === undefined)
  const rows = rowsOf(sales).toSorted((a, b) => families.indexOf(a.family) - families.indexOf(b.family))
  const sizeRows = sizeRowsOf(played)
  return {
    rows,
    pools: poolRowsOf(sales),
    sizes: sizeRows,
    sales,
    seeds: { first, count: seeds },
    unsafe,
    dangers: [...failed, ...dangers(rows, unsafe)],
    missed: unsafe ? [] : missedGoals(rows, sizeRows),
  }
}

function textOf({ rows, pools, sizes }: Report): string {
  const table = textTable(HEAD, rows.map(cellsOf), 2)
  const worst = rows
    .filter(({ policy }) => policy === 'rebalance')
    .map(({ family, worst }) => `  ${worst.map(({ seed, lost }) => `${family}:${seed} (${lost})`).join(', ')}`)
  const bySize = sizes.length === 0 ? [] : ['', textTable(SIZES_HEAD, sizes.map(sizeCellsOf), 0)]
  const byPool = pools.length === 0 ? [] : ['', 'rebalance by pool:', textTable(POOLS_HEAD, pools.map(poolCellsOf), 1)]
  return [table, ...byPool, ...bySize, '', 'most lost by rebalance (tickets), for --explain:', ...worst].join('\n')
}
