import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Sales } from '../../support/fixtures/sales.js'
import { HOLD_COMMANDS, type RealHolds } from '../../support/model/hold-commands.js'
import { HoldsModel, MAX_HELD } from '../../support/model/hold-model.js'
import { longSequences, RunClock, runs } from '../../support/model/model-run.js'
import { StockModel } from '../../support/model/stock-model.js'

const CAPACITY = 14
const SAFETY_PERCENT = 20
const NUM_RUNS = 15
const MAX_COMMANDS = 60

let sales: Sales
let people: RealHolds['people']

beforeAll(async () => {
  sales = await Sales.start()
  const { operator, customer: stranger } = sales
  people = { ana: await sales.buyer(), ben: await sales.buyer(), operator, stranger }
})

afterAll(() => sales?.stop())

describe('Holds, in any sequence of requests', () => {
  it('have the states, the stock and the responses of the model', async () => {
    await fc.assert(
      fc.asyncProperty(longSequences(HOLD_COMMANDS, MAX_COMMANDS), async (commands) => {
        const clock = new RunClock(sales.service)
        const safetyStockRatio = SAFETY_PERCENT / 100
        const eventId = await sales.event({ capacity: CAPACITY, safetyStockRatio, maxHeldPerCustomer: MAX_HELD })
        const model = new HoldsModel(new StockModel(CAPACITY, SAFETY_PERCENT), clock)
        await fc.asyncModelRun(() => ({ model, real: { sales, eventId, people } }), commands)
        await sales.expectSound(eventId)
        await expectLedger(eventId, model)
      }),
      runs(NUM_RUNS),
    )
  })
})

/** I5: one operation took the units of each hold, and at most one returned or sold them. I9: staff moved the safety stock. */
async function expectLedger(eventId: string, { holds }: HoldsModel): Promise<void> {
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
