import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { chartOf } from './report/chart.js'
import { FAMILIES, type Family } from './model/families.js'
import { pageOf, type Report } from './report/page.js'
import { study } from './study.js'
import { tableOf } from './report/table.js'
import { dangers, shortfalls } from './report/safety-report.js'

const USAGE = `npm run lab -- [options]
  --seeds N      traces of each family, 1 to 100000 (200)
  --first N      the first seed (1)
  --family NAME  one of ${FAMILIES.join(', ')} (all)
  --unsafe       negative control: without the exposure rule the lab must oversell
  --json         the figures as JSON
  --html FILE    where the page goes, its chart next to it as .svg (.data/lab/report.html)
ends with 1 when a run oversold, could have, or overran a rate limit; with --unsafe, when it did not oversell`

interface Options {
  families: readonly Family[]
  seeds: { first: number; count: number }
  unsafe: boolean
  json: boolean
  html: string
}

/** Runs the lab from its command line. Returns the exit code: 0 safe, 1 not, 2 usage. */
export function main(argv: string[]): number {
  const options = optionsOf(argv)
  if (typeof options === 'string') {
    console.error(options)
    return 2
  }
  const { families, seeds, unsafe } = options
  const rows = families.flatMap((family) => {
    console.error(`${family}: ${seeds.count} traces`)
    return study(family, seeds, { unsafe })
  })
  const report = { rows, seeds, unsafe, dangers: dangers(rows, unsafe), shortfalls: unsafe ? [] : shortfalls(rows) }
  save(options.html, report)
  console.log(options.json ? JSON.stringify(report, null, 2) : tableOf(rows))
  for (const problem of report.dangers) console.error(`not safe: ${problem}`)
  for (const problem of report.shortfalls) console.error(`short of its goal: ${problem}`)
  console.error(`report: ${options.html}`)
  return report.dangers.length === 0 ? 0 : 1
}

function save(html: string, report: Report): void {
  mkdirSync(dirname(html), { recursive: true })
  writeFileSync(html, pageOf(report))
  writeFileSync(html.replace(/(\.html?)?$/, '.svg'), chartOf(report.rows))
}

function optionsOf(argv: string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        seeds: { type: 'string', default: '200' },
        first: { type: 'string', default: '1' },
        family: { type: 'string' },
        unsafe: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        html: { type: 'string', default: '.data/lab/report.html' },
      },
    })
    const families = FAMILIES.filter((name) => values.family === undefined || name === values.family)
    if (families.length === 0) throw new RangeError(`--family ${values.family}: there is no such family`)
    const seeds = { first: whole('first', values.first, 1_000_000), count: whole('seeds', values.seeds, 100_000) }
    return { families, seeds, unsafe: values.unsafe, json: values.json, html: values.html }
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`
  }
}

function whole(name: string, value: string, most: number): number {
  const number = Number(value)
  if (/^\d+$/.test(value) && number >= 1 && number <= most) return number
  throw new RangeError(`--${name} ${value}: give a whole number from 1 to ${most}`)
}
