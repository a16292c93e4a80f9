import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Action, Scenario } from '../scenario/actions.js'
import { scenarioOf } from '../scenario/generate.js'
import { runScenario } from './run-scenario.js'
import { shrink } from './shrink.js'

const REGRESSIONS = new URL('../regressions/', import.meta.url)
const TIMEOUT_MS = 60_000

/** The first seed from `first` on whose scenario fits. */
function scenarioWhere(fits: (scenario: Scenario) => boolean, first = 1): Scenario {
  for (let seed = first; seed < first + 1_000; seed++) if (fits(scenarioOf(seed))) return scenarioOf(seed)
  throw new Error('no such scenario')
}

const has = (kind: Action['kind']) => (scenario: Scenario) => scenario.actions.some((action) => action.kind === kind)

describe('a simulated run', { timeout: TIMEOUT_MS }, () => {
  it('is the same for the same seed, and differs between seeds', async () => {
    const scenario = scenarioWhere((one) => has('kill-process')(one) && has('redis-outage')(one))
    const first = await runScenario(scenario)
    // A machine on which every turn takes an hour.
    let hours = 0
    const slow = [vi.spyOn(performance, 'now'), vi.spyOn(Date, 'now')]
    for (const clock of slow) clock.mockImplementation(() => ++hours * 3_600_000)
    onTestFinished(() => slow.forEach((clock) => clock.mockRestore()))
    const again = await runScenario(scenario)
    for (const clock of slow) clock.mockRestore()
    const other = await runScenario(scenarioOf(scenario.seed + 1))
    expect(first.violations).toEqual([])
    expect(again).toEqual(first)
    expect(other.traceHash).not.toBe(first.traceHash)
  })

  it('is the same when its scenario comes from a file', async () => {
    const scenario = scenarioOf(3)
    const stored = JSON.parse(JSON.stringify(scenario)) as Scenario
    expect((await runScenario(stored)).traceHash).toBe((await runScenario(scenario)).traceHash)
  })

  it('finds a platform that sells more than its cap, and reduces the scenario to that', async () => {
    const scenario = scenarioWhere(({ events, actions }) => events.length === 1 && actions.length > 20)
    const listing = 0
    const actions = [...scenario.actions, { atMs: 1_000, kind: 'oversell', listing, tickets: 500 } as const]
    const failing = { ...scenario, actions: actions.toSorted((a, b) => a.atMs - b.atMs) }
    const result = await runScenario(failing)
    expect(result.violations[0]).toMatchObject({ invariant: 'I2' })
    const shrunk = await shrink({ scenario: failing, result })
    expect(shrunk.scenario.actions.map(({ kind }) => kind)).toEqual(['oversell'])
    expect(shrunk.result.violations[0]).toMatchObject({ invariant: 'I2' })
  })
})

describe('a scenario that once violated an invariant', { timeout: TIMEOUT_MS }, () => {
  it.each(readdirSync(REGRESSIONS))('does not any more: %s', async (file) => {
    const scenario = JSON.parse(readFileSync(new URL(file, REGRESSIONS), 'utf8')) as Scenario
    expect((await runScenario(scenario)).violations).toEqual([])
  })
})
