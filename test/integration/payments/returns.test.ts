import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { PaymentStore } from '../../../src/payments/payment-store.js'
import { PaymentRefunds } from '../../../src/payments/processing/payment-refunds.js'
import { PaymentWorker } from '../../../src/payments/processing/payment-worker.js'
import { Transactions } from '../../../src/infrastructure/transactions.js'
import { BUYER, Sales } from '../../support/fixtures/sales.js'
import { StripeServer, type Intent } from '../../support/servers/stripe.js'
import { until } from '../../support/service/test-system.js'

let stripe: StripeServer
let sales: Sales

beforeAll(async () => {
  stripe = await StripeServer.start()
  sales = await Sales.start({ env: stripe.env })
  sales.service.app.get(BackgroundTasks).start(PaymentWorker)
})

afterAll(async () => {
  await sales?.stop()
  await stripe?.stop()
})

afterEach(() => {
  stripe.refundStatus = 'succeeded'
  stripe.disputesReadable = true
})

interface Shown {
  id: string
  state: string
  refundedAmount: number
  refundState: string | null
  refundFailure: string | null
  disputeState: string | null
  stuckSince: string | null
}

const paymentOf = (holdId: string) => sales.prisma.payment.findUniqueOrThrow({ where: { holdId } })

/** As staff see it. */
async function shown(holdId: string): Promise<Shown> {
  const { id } = await paymentOf(holdId)
  return (await sales.service.call<Shown>('GET', `/payments/${id}`, { token: sales.operator.token })).body
}

async function untilShown(holdId: string, fields: Partial<Record<keyof Shown, unknown>>): Promise<Shown> {
  return until(async () => {
    const payment = await shown(holdId)
    expect(payment).toMatchObject(fields)
    if ((await paymentOf(holdId)).leasedUntil) throw new Error('it is being processed')
    return payment
  }, 15_000)
}

async function deliver({ body, signature }: { body: string; signature: string }): Promise<void> {
  const headers = { 'content-type': 'application/json', 'stripe-signature': signature }
  const { status } = await sales.service.call('POST', '//webhooks/stripe', { headers, body: Buffer.from(body) })
  expect(status).toBe(202)
}

const chargeOf = (intent: Intent) => ({ id: `ch_${intent.id}`, object: 'charge', payment_intent: intent.id })

/** Two tickets for 30.00. */
async function bought(): Promise<{ eventId: string; holdId: string; orderId: string; intent: Intent }> {
  const eventId = await sales.event({ priceCents: 1_500, currency: 'EUR' })
  const { id: holdId } = await sales.createHold(eventId, { quantity: 2 })
  await sales.confirm(holdId, { body: { buyer: BUYER, payment: { token: 'pm_card_visa' } } })
  await untilShown(holdId, { state: 'SUCCEEDED' })
  const { orderId } = await sales.prisma.hold.findUniqueOrThrow({ where: { id: holdId } })
  return { eventId, holdId, orderId: orderId ?? '', intent: stripe.intentOf(holdId) }
}

async function refundOrder(orderId: string): Promise<string> {
  const refunds = sales.service.app.get(PaymentRefunds)
  const id = await sales.service.app
    .get(Transactions)
    .run((transaction) => refunds.request(transaction, orderId, 'The event is cancelled.'))
  if (id === null) throw new Error('nothing to refund')
  refunds.start(id)
  return id
}

const mailsTo = (kind: string) => sales.prisma.mail.count({ where: { kind } })

describe('A refund', () => {
  it('is complete only when the provider reports it as succeeded', async () => {
    const { holdId, orderId, intent } = await bought()
    const before = await mailsTo('PAYMENT_REFUNDED')
    stripe.refundStatus = 'pending'
    await refundOrder(orderId)
    await untilShown(holdId, { state: 'REFUND_DUE', refundState: 'PENDING', refundedAmount: 0, stuckSince: null })
    expect(await mailsTo('PAYMENT_REFUNDED')).toBe(before)
    const [refund] = stripe.refunds
    if (!refund) throw new Error('no refund')
    stripe.settleRefund(refund, 'succeeded')
    await deliver(stripe.deliveryOf('refund.updated', refund))
    await untilShown(holdId, { state: 'REFUNDED', refundState: 'SUCCEEDED', refundedAmount: 3_000 })
    expect(await mailsTo('PAYMENT_REFUNDED')).toBe(before + 1)
    expect(stripe.refunds.filter((own) => own.payment_intent === intent.id)).toHaveLength(1)
  })

  it('that fails is not recorded as made, needs an operator, and is requested again by one', async () => {
    const { holdId, orderId, intent } = await bought()
    stripe.refundStatus = 'pending'
    const id = await refundOrder(orderId)
    await untilShown(holdId, { refundState: 'PENDING' })
    const [refund] = stripe.refunds
    if (!refund) throw new Error('no refund')
    stripe.settleRefund(refund, 'failed')
    const deliveries = ['refund.failed', 'charge.refund.updated'].map((type) => stripe.deliveryOf(type, refund))
    for (const delivery of deliveries) await deliver(delivery)
    const failed = {
      state: 'REFUND_DUE',
      refundState: 'FAILED',
      refundFailure: 'lost_or_stolen_card',
      refundedAmount: 0,
    }
    await untilShown(holdId, { ...failed, stuckSince: expect.any(String) })
    // Notifications alone request no further refund: it would fail again.
    await deliver(stripe.deliveryOf('refund.failed', refund))
    await untilShown(holdId, { ...failed, stuckSince: expect.any(String) })
    expect(stripe.refunds.filter((own) => own.payment_intent === intent.id)).toHaveLength(1)
    stripe.refundStatus = 'succeeded'
    await until(async () => {
      const { status } = await sales.service.call('POST', `/payments/${id}/settle`, { token: sales.operator.token })
      expect(status).toBe(200)
    })
    await untilShown(holdId, { state: 'REFUNDED', refundState: 'SUCCEEDED', refundFailure: null, stuckSince: null })
  })

  it('that fails after it succeeded is due again', async () => {
    const { holdId, orderId } = await bought()
    await refundOrder(orderId)
    await untilShown(holdId, { state: 'REFUNDED' })
    const [refund] = stripe.refunds
    if (!refund) throw new Error('no refund')
    stripe.settleRefund(refund, 'failed')
    await deliver(stripe.deliveryOf('refund.failed', refund))
    await untilShown(holdId, { state: 'REFUND_DUE', refundState: 'FAILED', stuckSince: expect.any(String) })
    expect((await paymentOf(holdId)).refundedAt).toBeNull()
  })
})

describe('Money that goes back at the provider', () => {
  it('is shown when it is a refund of a part', async () => {
    const { holdId, intent } = await bought()
    stripe.refundInDashboard(intent, 1_000)
    await deliver(stripe.deliveryOf('charge.refunded', chargeOf(intent)))
    await untilShown(holdId, { state: 'SUCCEEDED', refundedAmount: 1_000, refundState: 'SUCCEEDED' })
  })

  it('ends the payment as refunded when it is all of it, and the rest is not refunded twice', async () => {
    const { holdId, orderId, intent } = await bought()
    stripe.refundInDashboard(intent, 1_000)
    await refundOrder(orderId)
    await untilShown(holdId, { state: 'REFUNDED', refundedAmount: 3_000 })
    const amounts = stripe.refunds.filter((own) => own.payment_intent === intent.id).map(({ amount }) => amount)
    expect(amounts).toEqual([2_000, 1_000])
    const other = await bought()
    stripe.refundInDashboard(other.intent)
    await deliver(stripe.deliveryOf('charge.refunded', chargeOf(other.intent)))
    await untilShown(other.holdId, { state: 'REFUNDED', refundedAmount: 3_000, refundState: 'SUCCEEDED' })
  })

  const cancel = (orderId: string) =>
    sales.service.call<{ state: string; refund: string }>('POST', `/orders/${orderId}/cancel`, {
      token: sales.operator.token,
      body: { reason: 'Cancelled by phone' },
    })
  const returnedTo = (intent: Intent) =>
    stripe.refunds.filter((own) => own.payment_intent === intent.id).reduce((sum, { amount }) => sum + amount, 0)

  it.each([
    ['all of it', undefined],
    ['a part', 1_000],
  ])('is returned once when it is %s, and the order is cancelled at the same time', async (_amount, amount) => {
    const rounds = await Promise.all(Array.from({ length: 6 }, () => bought()))
    const mailsBefore = await mailsTo('ORDER_CANCELLED')
    const race = ({ orderId, intent }: (typeof rounds)[number]) => {
      stripe.refundInDashboard(intent, amount)
      const delivery = stripe.deliveryOf('charge.refunded', chargeOf(intent))
      return Promise.all([deliver(delivery), cancel(orderId)])
    }
    const responses = (await Promise.all(rounds.map(race))).map(([, { status, body }]) => [status, body.state])
    expect(responses).toEqual(rounds.map(() => [200, 'CANCELLED']))
    for (const { eventId, holdId, intent } of rounds) {
      await untilShown(holdId, { state: 'REFUNDED', refundedAmount: 3_000, stuckSince: null })
      expect(returnedTo(intent)).toBe(3_000)
      expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 0, HELD: 0 })
    }
    expect(await mailsTo('ORDER_CANCELLED')).toBe(mailsBefore + rounds.length)
  })

  it('is not requested again when it is recorded after a cancellation of the order has read the payment', async () => {
    const { eventId, holdId, orderId, intent } = await bought()
    const payments = sales.service.app.get(PaymentStore)
    const ofOrder = payments.ofOrder.bind(payments)
    const read = vi.spyOn(payments, 'ofOrder').mockImplementation(async (...args) => {
      const payment = await ofOrder(...args)
      stripe.refundInDashboard(intent)
      await deliver(stripe.deliveryOf('charge.refunded', chargeOf(intent)))
      await untilShown(holdId, { state: 'REFUNDED' })
      return payment
    })
    const { status, body } = await cancel(orderId)
    read.mockRestore()
    expect([status, body]).toMatchObject([200, { state: 'CANCELLED', refund: 'NONE' }])
    expect(returnedTo(intent)).toBe(3_000)
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 0 })
  })

  it('is shown when it is a dispute, in its current state', async () => {
    const { holdId, intent } = await bought()
    const dispute = stripe.dispute(intent)
    await deliver(stripe.deliveryOf('charge.dispute.created', dispute))
    await untilShown(holdId, { state: 'SUCCEEDED', disputeState: 'OPEN' })
    const path = '/payments?state=DISPUTED'
    const { body } = await sales.service.call<{ items: Shown[] }>('GET', path, { token: sales.operator.token })
    expect(body.items.map(({ id }) => id)).toEqual([(await paymentOf(holdId)).id])
    dispute.status = 'won'
    await deliver(stripe.deliveryOf('charge.dispute.closed', dispute))
    await untilShown(holdId, { state: 'SUCCEEDED', disputeState: 'WON' })
  })

  it('is shown as reported when the key may not read disputes, and refunds complete', async () => {
    stripe.disputesReadable = false
    const { holdId, orderId, intent } = await bought()
    const dispute = stripe.dispute(intent)
    await deliver(stripe.deliveryOf('charge.dispute.created', dispute))
    await untilShown(holdId, { state: 'SUCCEEDED', disputeState: 'OPEN' })
    await deliver(stripe.deliveryOf('charge.dispute.closed', { ...dispute, status: 'lost' }))
    await untilShown(holdId, { disputeState: 'LOST' })
    await deliver(stripe.deliveryOf('charge.dispute.updated', dispute))
    await refundOrder(orderId)
    await untilShown(holdId, { state: 'REFUNDED', refundState: 'SUCCEEDED', disputeState: 'LOST' })
  })

  it('is read again when the provider cannot be reached', async () => {
    const { holdId, intent } = await bought()
    stripe.dispute(intent)
    for (const fault of ['refused', 'lost'] as const) stripe.failNext(/GET .*disputes/, fault)
    await deliver(stripe.deliveryOf('charge.dispute.created', { object: 'dispute', payment_intent: intent.id }))
    await untilShown(holdId, { disputeState: 'OPEN' })
  })
})
