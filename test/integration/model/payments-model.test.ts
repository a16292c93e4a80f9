import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Sales } from '../../support/fixtures/sales.js'
import { expectStock, longSequences, RunClock, runs } from '../../support/model/model-run.js'
import {
  expectPayments,
  intentOf,
  PAYMENT_COMMANDS,
  processOnce,
  TTL_SECONDS,
  type RealPayments,
} from '../../support/model/payment-commands.js'
import { PaymentsModel } from '../../support/model/payment-model.js'
import { StockModel } from '../../support/model/stock-model.js'
import { StripeServer } from '../../support/servers/stripe.js'

const CAPACITY = 8
const NUM_RUNS = 15
const MAX_COMMANDS = 60
const PRICED = { priceCents: 1_500, currency: 'EUR' }

let stripe: StripeServer
let sales: Sales

beforeAll(async () => {
  stripe = await StripeServer.start()
  sales = await Sales.start({ env: stripe.env })
})

afterAll(async () => {
  await sales?.stop()
  await stripe?.stop()
})

describe('Payments, in any sequence of requests, jobs, notifications and faults', () => {
  it('have the states, the stock and the money of the model', async () => {
    await fc.assert(
      fc.asyncProperty(longSequences(PAYMENT_COMMANDS, MAX_COMMANDS), async (commands) => {
        const clock = new RunClock(sales.service)
        const eventId = await sales.event({ capacity: CAPACITY, ...PRICED })
        const model = new PaymentsModel(new StockModel(CAPACITY, 0), clock)
        const real: RealPayments = { sales, stripe, eventId }
        const { id } = await sales.createHold(eventId, { quantity: 2, ttlSeconds: TTL_SECONDS })
        model.hold(id, 2, TTL_SECONDS)
        await fc.asyncModelRun(() => ({ model, real }), commands)
        await complete(model, real)
        await sales.expectSound(eventId)
      }),
      runs(NUM_RUNS),
    )
  })
})

/** Lets every payment end, then expects that money was kept for the sold tickets and for no others. */
async function complete(model: PaymentsModel, real: RealPayments): Promise<void> {
  for (const purchase of model.purchases) {
    const { payment } = purchase
    if (!payment) continue
    if (payment.state === 'PENDING') await processOnce(model, real, purchase, null)
    if (payment.intent === 'PROCESSING') {
      model.decide(payment, true)
      stripe.completeProcessing(stripe.intentOf(purchase.id), 'succeeded')
    }
    await processOnce(model, real, purchase, null)
    const kept = stripe.charged.filter((id) => id === intentOf(stripe, purchase)?.id).length
    const returned = stripe.refunded.filter((id) => id === intentOf(stripe, purchase)?.id).length
    const { body } = await sales.get(purchase.id)
    const isSold = body.state === 'CONFIRMED' || 'replacedBy' in body
    expect([purchase.id, kept - returned]).toEqual([purchase.id, isSold ? 1 : 0])
  }
  await expectPayments(model, real)
  await expectStock(real, model.stock)
}
