import fc from 'fast-check'
import { afterEach, describe, it } from 'vitest'
import { Sales } from '../../support/fixtures/sales.js'
import { longSequences, RunClock, runs } from '../../support/model/model-run.js'
import { StockModel } from '../../support/model/stock-model.js'
import { WAITLIST_COMMANDS } from '../../support/model/waitlist-commands.js'
import { WaitlistModel } from '../../support/model/waitlist-model.js'

const CAPACITY = 5
const NUM_RUNS = 8
const MAX_COMMANDS = 40
/** Nothing is sent to it: no mail is processed here. */
const MAILS = { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'tickets@example.com' }

let sales: Sales | undefined

afterEach(() => sales?.stop())

describe('The waitlist, in any sequence of requests and offers', () => {
  it.each([
    ['where mails are sent', true],
    ['without mails', false],
  ])('has the queue, the stock and the responses of the model, %s', async (_, sendsMails) => {
    const started = await Sales.start({ env: sendsMails ? MAILS : {} })
    sales = started
    const commands = longSequences(WAITLIST_COMMANDS, MAX_COMMANDS)
    await fc.assert(
      fc.asyncProperty(fc.boolean(), commands, async (isAutomatic, steps) => {
        const clock = new RunClock(started.service)
        const waitlistPolicy = isAutomatic ? 'AUTOMATIC' : 'MANUAL'
        const eventId = await started.event({ capacity: CAPACITY, waitlistPolicy })
        const model = new WaitlistModel(new StockModel(CAPACITY, 0), clock, sendsMails)
        const real = { sales: started, eventId, isAutomatic }
        try {
          await fc.asyncModelRun(() => ({ model, real }), steps)
          await started.expectSound(eventId)
        } finally {
          // Offers of later runs check every open event.
          await started.service.call('POST', `/events/${eventId}/close`, { token: started.admin.token })
        }
      }),
      runs(NUM_RUNS),
    )
  })
})
