import fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { Sales } from '../../support/fixtures/sales.js'
import { runs } from '../../support/model/model-run.js'
import { PAYMENT_RUNS, paymentProperty } from '../../support/model/payment-property.js'
import { StripeServer } from '../../support/servers/stripe.js'

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
    await fc.assert(paymentProperty(sales, stripe), runs(PAYMENT_RUNS))
  })
})
