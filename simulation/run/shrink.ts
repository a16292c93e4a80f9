import type { Scenario } from '../scenario/actions.js'
import { runScenario, type RunResult } from './run-scenario.js'

export interface Shrunk {
  scenario: Scenario
  result: RunResult
}

/**
 * Removes as many actions as possible while the scenario still violates the same invariant: halves first, then single
 * ones, in at most `maxRuns` runs.
 */
export async function shrink(failing: Shrunk, maxRuns = 200): Promise<Shrunk> {
  const invariant = failing.result.violations[0]?.invariant
  let best = failing
  let runs = 0
  const attempt = async (scenario: Scenario): Promise<boolean> => {
    runs += 1
    const result = await runScenario(scenario)
    if (result.violations[0]?.invariant !== invariant) return false
    best = { scenario, result }
    return true
  }
  for (let size = Math.ceil(best.scenario.actions.length / 2); size >= 1 && runs < maxRuns;) {
    let removed = false
    for (let from = 0; from < best.scenario.actions.length && runs < maxRuns;) {
      const actions = best.scenario.actions.toSpliced(from, size)
      if (await attempt({ ...best.scenario, actions })) removed = true
      else from += size
    }
    if (!removed || size > 1) size = size === 1 ? 0 : Math.ceil(size / 2)
  }
  return best
}
