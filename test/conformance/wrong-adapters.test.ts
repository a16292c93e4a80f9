import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage, type Wrap } from './adapter-under-test.js'
import { ADAPTERS } from './adapters.js'
import { ContractViolation } from './contract.js'
import { FAULT_TESTS } from './scenarios/faults.js'
import { runScenario, unchanged } from './scenarios/scenario.js'
import { SCENARIOS } from './scenarios/listings.js'
import {
  concludesGone,
  confirmsUnknown,
  deniesParts,
  dropsPages,
  emptiesUnreadable,
  ignoresFence,
  losesCheckIns,
  refusesUnknown,
  underreportsCap,
  underreportsSold,
} from './wrong-adapters.js'

const WRONG: readonly { wrong: string; wrap: Wrap; test: string }[] = [
  {
    wrong: 'confirms a write without a response',
    wrap: confirmsUnknown,
    test: 'raising the cap during timeoutBeforeApply',
  },
  {
    wrong: 'denies a write without a response',
    wrap: refusesUnknown,
    test: 'raising the cap during timeoutAfterApply',
  },
  {
    wrong: 'denies a write that was applied in part',
    wrap: deniesParts,
    test: 'opening with nothing sold during refusal',
  },
  { wrong: 'loses pages of a list', wrap: dropsPages, test: 'listOrders during throttle' },
  {
    wrong: 'reads no ticket as checked in',
    wrap: losesCheckIns,
    test: 'shows the holders of tickets, and which are checked in on the platform',
  },
  { wrong: 'takes malformed responses for empty lists', wrap: emptiesUnreadable, test: 'listOrders during malformed' },
  {
    wrong: 'reads fewer tickets than are sold',
    wrap: underreportsSold,
    test: 'imports a listing as its organizer left it',
  },
  {
    wrong: 'reads a smaller cap than is in force',
    wrap: underreportsCap,
    test: 'imports a listing as its organizer left it',
  },
  { wrong: 'takes an outage for a missing listing', wrap: concludesGone, test: 'readChannel during serverError' },
  {
    wrong: 'sends outdated writes',
    wrap: ignoresFence,
    test: 'raising the cap: sends nothing once the write is outdated',
  },
]

/** Runs one test of the suite. */
async function run(stage: Stage, name: string, wrap: Wrap): Promise<void> {
  const scenario = SCENARIOS.find((other) => other.name === name)
  if (scenario) return runScenario(stage, scenario, wrap)
  const test = FAULT_TESTS.find((other) => other.name === name)
  if (!test) throw new Error(`the suite has no test "${name}"`)
  await test.run((part) => runScenario(stage, part, wrap))
}

describe.each(ADAPTERS.filter((_, index) => [0, 2, 5].includes(index)))('the suite, for $name', (subject) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(subject)
  })
  afterAll(() => stage.simulator.close())

  it.each(WRONG)('fails an adapter that $wrong', async ({ wrap, test }) => {
    await run(stage, test, unchanged)
    await expect(run(stage, test, wrap)).rejects.toThrow(ContractViolation)
  })
})
