import { readFileSync } from 'node:fs'
import { afterEach, expect, it, vi } from 'vitest'
import { MemoryOrderStore } from '../../src/adapters/memory/orders/order-store.js'
import { runScenario } from '../run/run-scenario.js'
import type { Scenario } from '../scenario/actions.js'

const FILE = new URL('../regressions/guests-beyond-a-lowered-capacity.json', import.meta.url)
const scenario = () => JSON.parse(readFileSync(FILE, 'utf8')) as Scenario
const TIMEOUT_MS = 60_000

afterEach(() => vi.restoreAllMocks())

it('accepts guests who are voided since they exceed the capacity', { timeout: TIMEOUT_MS }, async () => {
  const lines: string[] = []
  const { violations } = await runScenario(scenario(), { onTrace: (line) => void lines.push(line) })
  expect(violations).toEqual([])
  expect(lines.filter((line) => line.endsWith('status waitlist'))).toHaveLength(1)
})

it('finds guests who are voided with more tickets than exceed the capacity', { timeout: TIMEOUT_MS }, async () => {
  const newestPlaced = MemoryOrderStore.prototype.newestPlaced
  vi.spyOn(MemoryOrderStore.prototype, 'newestPlaced').mockImplementation(function (this: MemoryOrderStore, id, scope) {
    return newestPlaced.call(this, id, { ...scope, maxQuantity: Infinity })
  })
  const { violations } = await runScenario(scenario())
  expect(violations[0]).toMatchObject({ invariant: 'VOID' })
})
