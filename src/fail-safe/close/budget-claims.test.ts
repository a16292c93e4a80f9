import { expect, it } from 'vitest'
import { MemoryModeStore } from '../../adapters/memory/fail-safe/mode-store.js'
import { MemoryDatabase } from '../../adapters/memory/memory-database.js'
import type { Instances } from '../../infrastructure/instances/instances.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import type { Outbound } from '../../platforms/outbound.js'
import type { Claim } from '../../platforms/throttle/claim.js'
import { BudgetClaims } from './budget-claims.js'

const time = new VirtualTime()
const mode = new MemoryModeStore(new MemoryDatabase(time, time))

function processOf(id: string) {
  const claims: (Claim | 'elsewhere')[] = []
  const outbound = {
    claimBudgets: (claim: Claim) => void claims.push(claim),
    noteClaimElsewhere: () => void claims.push('elsewhere'),
  } as Outbound
  return { claims, budgets: new BudgetClaims(mode, { id } as Instances, outbound) }
}

it('assumes that the limits are spent where another process had them as a whole, though it has never seen that one lead', async () => {
  const [first, second] = [processOf('first'), processOf('second')]
  await first.budgets.takeWhole(await mode.read())
  await first.budgets.takeWhole(await mode.read())
  expect(first.claims).toEqual(['whole', 'whole'])
  await second.budgets.takeWhole(await mode.read())
  expect(second.claims).toEqual(['elsewhere', 'whole'])
  first.budgets.noteOther(await mode.read())
  expect(first.claims.at(-1)).toBe('elsewhere')
})

it('is recorded before the whole limits are claimed, and not claimed without that', async () => {
  const { claims, budgets } = processOf('third')
  const unavailable = { recordBudgetHolder: () => Promise.reject(new Error('PostgreSQL is unavailable')) }
  const failing = new BudgetClaims(
    Object.assign(Object.create(mode), unavailable),
    { id: 'fourth' } as Instances,
    {
      claimBudgets: (claim: Claim) => void claims.push(claim),
    } as Outbound,
  )
  await expect(failing.takeWhole({ budgetHolder: null })).rejects.toThrow('unavailable')
  expect(claims).toEqual([])
  await budgets.takeWhole({ budgetHolder: null })
  expect((await mode.read()).budgetHolder).toBe('third')
})
