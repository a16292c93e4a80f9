import fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { Sales } from '../../support/fixtures/sales.js'
import type { RealHolds } from '../../support/model/hold-commands.js'
import { HOLD_RUNS, holdProperty, peopleOf } from '../../support/model/hold-property.js'
import { runs } from '../../support/model/model-run.js'

let sales: Sales
let people: RealHolds['people']

beforeAll(async () => {
  sales = await Sales.start()
  people = await peopleOf(sales)
})

afterAll(() => sales?.stop())

describe('Holds, in any sequence of requests', () => {
  it('have the states, the stock and the responses of the model', async () => {
    await fc.assert(holdProperty(sales, people), runs(HOLD_RUNS))
  })
})
