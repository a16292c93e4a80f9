import fc from 'fast-check'
import { expect } from 'vitest'
import type { Sales } from '../fixtures/sales.js'
import { HOLD_COMMANDS, HOLD_OPENINGS, type RealHolds } from './hold-commands.js'
import { HoldsModel, MAX_HELD } from './hold-model.js'
import { longSequences, RunClock } from './model-run.js'
import { StockModel } from './stock-model.js'

const CAPACITY = 14
const SAFETY_PERCENT = 20
const MAX_COMMANDS = 60

export const HOLD_RUNS = 15

/** The buyers and staff of all runs. */
export async function peopleOf(sales: Sales): Promise<RealHolds['people']> {
  const { operator, customer: stranger } = sales
  return { ana: await sales.buyer(), ben: await sales.buyer(), operator, stranger }
}

/** Holds have the states, the stock and the responses of the model, in any sequence of requests. */
export function holdProperty(sales: Sales, people: RealHolds['people']) {
  return fc.asyncProperty(longSequences(HOLD_COMMANDS, MAX_COMMANDS, HOLD_OPENINGS), async (commands) => {
    const clock = new RunClock(sales.service)
    const safetyStockRatio = SAFETY_PERCENT / 100
    const eventId = await sales.event({ capacity: CAPACITY, safetyStockRatio, maxHeldPerCustomer: MAX_HELD })
    const model = new HoldsModel(new StockModel(CAPACITY, SAFETY_PERCENT), clock)
    await fc.asyncModelRun(() => ({ model, real: { sales, eventId, people } }), commands)
    await sales.expectSound(eventId)
    await expectLedger(sales, eventId, model)
  })
}

/** I5: one operation took the units of each hold, and at most one returned or sold them. I9: staff moved the safety stock. */
async function expectLedger(sales: Sales, eventId: string, { holds }: HoldsModel): Promise<void> {
  const operations = await sales.prisma.stockOperation.findMany({
    where: { eventId, outcome: 'COMMITTED' },
    include: { movements: true },
  })
  const ofHolds = operations.map(({ operationId }) => operationId).filter((id) => id.startsWith('hold:'))
  const expected = holds.flatMap(({ id, state }) => [
    `hold:${id}:taken`,
    ...(state === 'HELD' ? [] : [`hold:${id}:${state.toLowerCase()}`]),
  ])
  expect(ofHolds.toSorted()).toEqual(expected.toSorted())
  for (const { operationId, movements, actor, reason } of operations) {
    const usesSafety = movements.some(({ from }) => from === 'SAFETY')
    if (usesSafety)
      expect([operationId, actor, reason]).toEqual([operationId, sales.operator.email, expect.any(String)])
  }
}
