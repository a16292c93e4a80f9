import fc from 'fast-check'
import { expect } from 'vitest'
import type { Sales } from '../fixtures/sales.js'
import type { StripeServer } from '../servers/stripe.js'
import { expectStock, longSequences, RunClock } from './model-run.js'
import {
  expectPayments,
  intentOf,
  PAYMENT_COMMANDS,
  PAYMENT_OPENINGS,
  processOnce,
  TTL_SECONDS,
  type RealPayments,
} from './payment-commands.js'
import { PaymentsModel } from './payment-model.js'
import { StockModel } from './stock-model.js'

const CAPACITY = 8
const MAX_COMMANDS = 60
const PRICED = { priceCents: 1_500, currency: 'EUR' }

export const PAYMENT_RUNS = 15

/** Payments have the states, the stock and the money of the model, in any sequence of requests, notifications and faults. */
export function paymentProperty(sales: Sales, stripe: StripeServer) {
  // All runs have the same customer.
  sales.ignoreDeclinedPayments()
  return fc.asyncProperty(longSequences(PAYMENT_COMMANDS, MAX_COMMANDS, PAYMENT_OPENINGS), async (commands) => {
    const clock = new RunClock(sales.service)
    const eventId = await sales.event({ capacity: CAPACITY, ...PRICED })
    const model = new PaymentsModel(new StockModel(CAPACITY, 0), clock)
    const real: RealPayments = { sales, stripe, eventId }
    const { id } = await sales.createHold(eventId, { quantity: 2, ttlSeconds: TTL_SECONDS })
    model.hold(id, 2, TTL_SECONDS)
    await fc.asyncModelRun(() => ({ model, real }), commands)
    await complete(model, real)
    await sales.expectSound(eventId)
  })
}

/** Lets every payment end, then expects that money was kept for the sold tickets and for no others. */
async function complete(model: PaymentsModel, real: RealPayments): Promise<void> {
  const { sales, stripe } = real
  for (const purchase of model.purchases) {
    const { payment } = purchase
    if (payment?.state === 'PENDING') await processOnce(model, real, purchase, null)
    if (payment?.intent !== 'PROCESSING') continue
    model.decide(payment, true)
    stripe.completeProcessing(stripe.intentOf(purchase.id), 'succeeded')
    if (payment.state === 'PENDING') await processOnce(model, real, purchase, null)
  }
  for (const purchase of model.purchases) {
    if (!purchase.payment) continue
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
