import { readFile, writeFile } from 'node:fs/promises'
import { replaySeeds } from './replay/replay-seeds.js'
import { SystemTimers } from '../src/infrastructure/time/system-time.js'
import { parseOptions, USAGE, UsageError, type Options } from './run/options.js'
import { failureReport, summary } from './run/report.js'
import { runScenario } from './run/run-scenario.js'
import { runSeeds } from './run/run-seeds.js'
import { seedWorker } from './run/seed-worker.js'
import { shrink } from './run/shrink.js'
import type { Scenario } from './scenario/actions.js'
import { scenarioOf } from './scenario/generate.js'

/** `npm run simulate`: exit 0 without violations, 1 with, 2 for wrong arguments. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2))
  const seeds = Array.from({ length: options.seeds }, (_, index) => options.seed + index)
  if (options.real) return (await replaySeeds(seeds, (line) => console.log(line))) ? 0 : 1
  const scenario = options.replay === null ? null : (JSON.parse(await readFile(options.replay, 'utf8')) as Scenario)
  if (scenario || options.seeds === 1) return runOne(scenario ?? scenarioOf(options.seed), options)
  const report = await runSeeds(seeds, {
    workers: options.workers,
    createWorker: () => seedWorker('worker'),
    timers: new SystemTimers(),
    print: (line) => console.log(line),
  })
  console.log(summary(report))
  return report.failures.length === 0 ? 0 : 1
}

async function runOne(scenario: Scenario, options: Options): Promise<number> {
  const result = await runScenario(scenario, { onTrace: options.trace ? (line) => console.log(line) : null })
  if (result.violations.length === 0) {
    console.log(`seed ${result.seed}: no violation in ${Math.round(result.virtualMs / 1_000)} s, ${result.steps} steps`)
    console.log(`trace ${result.traceHash}`)
    return 0
  }
  const shrunk = options.shrink ? await shrink({ scenario, result }) : { scenario, result }
  const file = `simulation-${scenario.seed}.json`
  await writeFile(file, `${JSON.stringify(shrunk.scenario, null, 2)}\n`)
  console.log(failureReport(shrunk.scenario, shrunk.result, file))
  return 1
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n${USAGE}`)
  process.exitCode = 2
}
