import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PaymentWorker } from '../../../src/payments/processing/payment-worker.js'
import { BUYER, Sales } from '../../support/fixtures/sales.js'

const PRICED = { priceCents: 5_000, currency: 'EUR' }
const PAYING = { buyer: BUYER, payment: { token: 'x' } }

describe('Without a payment provider', () => {
  let sales: Sales

  beforeAll(async () => {
    sales = await Sales.start({ env: { PAYMENTS: 'none' } })
  })

  afterAll(() => sales?.stop())

  it.each([
    ['with a payment', PAYING],
    ['without a payment', { buyer: BUYER }],
  ])('a hold with a price cannot be bought %s, and the response shows why', async (_name, body) => {
    const eventId = await sales.event(PRICED)
    const { id } = await sales.createHold(eventId, { quantity: 2 })
    const response = await sales.confirm(id, { body })
    expect([response.status, response.body]).toMatchObject([409, { code: 'STATE_CONFLICT' }])
    expect(JSON.stringify(response.body)).toContain('no payment provider is configured')
    expect((await sales.get(id)).body.state).toBe('HELD')
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 2, 'SOLD:DIRECT': 0 })
  })

  it('tickets without a price are sold', async () => {
    const { id } = await sales.createHold(await sales.event(), { quantity: 1 })
    expect((await sales.confirm(id)).body.state).toBe('CONFIRMED')
  })
})

describe('A payment that another provider took', () => {
  let sales: Sales

  beforeAll(async () => {
    sales = await Sales.start({ env: { PAYMENTS: 'simulated' } })
  })

  afterAll(() => sales?.stop())

  const paymentOf = (holdId: string) => sales.prisma.payment.findUniqueOrThrow({ where: { holdId } })
  const settle = (id: string, body?: object) =>
    sales.service.call<{ state: string }>('POST', `/payments/${id}/settle`, {
      token: sales.operator.token,
      ...(body ? { body } : {}),
    })

  /** Pending at Stripe, whose key is missing since a restart. */
  async function pendingAtStripe() {
    const eventId = await sales.event(PRICED)
    const { id: holdId } = await sales.createHold(eventId, { quantity: 2 })
    await sales.confirm(holdId, { body: PAYING })
    const { id } = await paymentOf(holdId)
    await sales.prisma.payment.update({ where: { id }, data: { provider: 'stripe', reference: `pi_${id}` } })
    return { eventId, holdId, id }
  }

  it('is not charged by the one that is configured, and is listed as stuck', async () => {
    const { eventId, holdId, id } = await pendingAtStripe()
    await sales.service.app.get(PaymentWorker).process({ paymentId: id })
    expect(await paymentOf(holdId)).toMatchObject({
      state: 'PENDING',
      stuckSince: expect.any(Date),
      lastError: expect.stringContaining('stripe'),
    })
    expect((await settle(id)).body.state).toBe('PENDING')
    expect((await sales.get(holdId)).body.state).toBe('PAYMENT_PENDING')
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 2, 'SOLD:DIRECT': 0 })
  })

  it('is not recorded as refunded', async () => {
    const { holdId, id } = await pendingAtStripe()
    expect((await settle(id, { outcome: 'FAILED', reason: 'the buyer calls' })).body.state).toBe('FAILED')
    await sales.prisma.payment.update({ where: { id }, data: { state: 'REFUND_DUE', dueAt: new Date() } })
    await sales.service.app.get(PaymentWorker).process({ paymentId: id })
    expect(await paymentOf(holdId)).toMatchObject({ state: 'REFUND_DUE', stuckSince: expect.any(Date) })
    expect(await sales.prisma.mail.count({ where: { kind: 'PAYMENT_REFUNDED' } })).toBe(0)
  })

  it('gives its tickets back when an operator abandons it, and stays to be checked at its provider', async () => {
    const { eventId, holdId, id } = await pendingAtStripe()
    expect((await settle(id, { outcome: 'FAILED', reason: 'the buyer calls' })).body.state).toBe('FAILED')
    expect((await paymentOf(holdId)).dueAt).not.toBeNull()
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 0 })
  })
})
