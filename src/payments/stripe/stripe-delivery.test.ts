import { Stripe } from 'stripe'
import { describe, expect, it } from 'vitest'
import { readStripeDelivery } from './stripe-delivery.js'

const SECRET = 'whsec_example_0123456789'
const NOW = new Date('2026-11-05T18:00:00Z')

function read(type: string, object: object) {
  const payload = JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object } })
  const timestamp = NOW.getTime() / 1_000
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET, timestamp })
  return readStripeDelivery(Buffer.from(payload), signature, SECRET, NOW)
}

describe('The payment that a delivery refers to', () => {
  it('is an intent itself, or that of returned money', () => {
    expect(read('payment_intent.succeeded', { object: 'payment_intent', id: 'pi_1' })).toMatchObject({
      reference: 'pi_1',
    })
    const dispute = { object: 'dispute', id: 'du_1', payment_intent: 'pi_1', status: 'lost' }
    expect(read('charge.dispute.closed', dispute)).toEqual({ reference: 'pi_1', returned: true, dispute: 'LOST' })
  })

  it.each(['', 'a\u0000b', '\ud83d', ' ', 'x'.repeat(256), null, 7, {}, ['pi_1']])('is none for %j', (id) => {
    expect(read('payment_intent.succeeded', { object: 'payment_intent', id })).toMatchObject({ reference: null })
    expect(read('charge.refunded', { object: 'charge', payment_intent: id })).toMatchObject({ reference: null })
  })
})
