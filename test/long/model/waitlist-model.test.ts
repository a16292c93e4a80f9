import fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { Sales } from '../../support/fixtures/sales.js'
import { longSequences, RunClock, runs } from '../../support/model/model-run.js'
import { StockModel } from '../../support/model/stock-model.js'
import { WAITLIST_COMMANDS } from '../../support/model/waitlist-commands.js'
import { WaitlistModel } from '../../support/model/waitlist-model.js'

const CAPACITY = 5
const NUM_RUNS = 15
const MAX_COMMANDS = 40

let sales: Sales

beforeAll(async () => {
  sales = await Sales.start()
})

afterAll(() => sales?.stop())

describe('The waitlist, in any sequence of requests and offers', () => {
  it('has the queue, the stock and the responses of the model', async () => {
    const commands = longSequences(WAITLIST_COMMANDS, MAX_COMMANDS)
    await fc.assert(
      fc.asyncProperty(fc.boolean(), commands, async (isAutomatic, steps) => {
        const clock = new RunClock(sales.service)
        const waitlistPolicy = isAutomatic ? 'AUTOMATIC' : 'MANUAL'
        const eventId = await sales.event({ capacity: CAPACITY, waitlistPolicy })
        const model = new WaitlistModel(new StockModel(CAPACITY, 0), clock)
        try {
          await fc.asyncModelRun(() => ({ model, real: { sales, eventId, isAutomatic } }), steps)
          await sales.expectSound(eventId)
        } finally {
          // Offers of later runs check every open event.
          await sales.service.call('POST', `/events/${eventId}/close`, { token: sales.admin.token })
        }
      }),
      runs(NUM_RUNS),
    )
  })
})
