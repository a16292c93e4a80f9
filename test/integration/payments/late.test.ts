import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onDebugPoint } from '../../../src/infrastructure/debug-point.js'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { PaymentWorker } from '../../../src/payments/processing/payment-worker.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { Stock } from '../../../src/stock/stock.js'
import { requestOf } from '../../support/fixtures/stock.js'
import { BUYER, Sales, type HoldBody } from '../../support/fixtures/sales.js'
import { SLOW_METHOD, StripeServer, type Intent } from '../../support/servers/stripe.js'
import { until } from '../../support/service/test-system.js'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'

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

const paymentOf = (holdId: string) => sales.prisma.payment.findUniqueOrThrow({ where: { holdId } })
const times = (list: readonly string[], id: string) => list.filter((other) => other === id).length

function deliver({ body, signature }: { body: string; signature?: string }) {
  return sales.service.call('POST', '//webhooks/stripe', {
    headers: { 'content-type': 'application/json', ...(signature ? { 'stripe-signature': signature } : {}) },
    body: Buffer.from(body),
  })
}

async function untilPayment(holdId: string, state: string) {
  return until(async () => {
    const payment = await paymentOf(holdId)
    if (payment.state !== state || payment.leasedUntil) throw new Error(`the payment is ${payment.state}`)
    return payment
  }, 15_000)
}

const settle = (id: string, body?: object) =>
  sales.service.call<{ state: string; code?: string }>('POST', `/payments/${id}/settle`, {
    token: sales.operator.token,
    ...(body ? { body } : {}),
  })

/** A pending payment that an operator settled as failed; the provider has not decided it yet. */
async function settledAsFailed(
  eventId: string,
  body: object,
  { by = sales.customer, buyer = BUYER } = {},
): Promise<{ hold: HoldBody; intent: Intent }> {
  const hold = await sales.createHold(eventId, body, by)
  await sales.confirm(hold.id, { by, body: { buyer, payment: { token: SLOW_METHOD } } })
  await until(async () => {
    const { attempts, leasedUntil } = await paymentOf(hold.id)
    if (attempts === 0 || leasedUntil) throw new Error('not attempted yet')
  })
  const response = await until(async () => {
    const settled = await settle((await paymentOf(hold.id)).id, { outcome: 'FAILED', reason: 'the buyer calls' })
    if (settled.status !== 200) throw new Error(JSON.stringify(settled.body))
    return settled
  })
  expect(response.body.state).toBe('FAILED')
  expect((await sales.get(hold.id, by)).body.state).toBe('PAYMENT_FAILED')
  return { hold, intent: stripe.intentOf(hold.id) }
}

describe('A payment that succeeds after it was settled as failed', () => {
  it('buys the tickets again once if they are available, regardless of repeated webhooks', async () => {
    const eventId = await sales.event({ priceCents: 1000, capacity: 10 })
    const { hold, intent } = await settledAsFailed(eventId, { quantity: 4 })
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'ALLOCATED:DIRECT': 10 })
    stripe.completeProcessing(intent, 'succeeded')
    const deliveries = [
      stripe.delivery('payment_intent.succeeded', intent),
      stripe.delivery('payment_intent.payment_failed', intent, { status: 'requires_payment_method' }),
      stripe.delivery('payment_intent.processing', intent, { status: 'processing' }),
      stripe.delivery('payment_intent.succeeded', intent),
    ]
    const responses = await Promise.all([...deliveries, ...deliveries].map((delivery) => deliver(delivery)))
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 202))
    const payment = await untilPayment(hold.id, 'SUCCEEDED')
    const { body } = await sales.get(hold.id)
    expect(body).toMatchObject({ state: 'PAYMENT_FAILED', replacedBy: payment.replacementHoldId })
    const bought = await sales.get(payment.replacementHoldId ?? '')
    expect(bought.body).toMatchObject({ state: 'CONFIRMED', quantity: 4 })
    expect(bought.body.tickets).toHaveLength(4)
    await Promise.all(deliveries.map((delivery) => deliver(delivery)))
    expect([times(stripe.charged, intent.id), times(stripe.refunded, intent.id)]).toEqual([1, 0])
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 4, 'ALLOCATED:DIRECT': 6 })
  })

  it('is refunded once when the event is sold out, also after a crash before the refund is recorded', async () => {
    const eventId = await sales.event({ priceCents: 1000, capacity: 5 })
    const { hold, intent } = await settledAsFailed(eventId, { quantity: 4 })
    await sales.createHold(eventId, { quantity: 2 })
    stripe.completeProcessing(intent, 'succeeded')
    let crashes = 0
    const unhook = onDebugPoint('after-refund-before-record', () => {
      if (crashes++ === 0) throw new Error('crashed before the refund was recorded')
    })
    stripe.failNext(/POST .*refunds/, 'lost')
    await Promise.all([1, 2, 3].map(() => deliver(stripe.delivery('payment_intent.succeeded', intent))))
    const payment = await untilPayment(hold.id, 'REFUNDED')
    unhook()
    expect(crashes).toBeGreaterThan(1)
    expect(payment).toMatchObject({ replacementHoldId: null, dueAt: null })
    expect([times(stripe.charged, intent.id), times(stripe.refunded, intent.id)]).toEqual([1, 1])
    expect(await sales.prisma.mail.count({ where: { kind: 'PAYMENT_REFUNDED' } })).toBe(1)
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 2, 'SOLD:DIRECT': 0, 'ALLOCATED:DIRECT': 3 })
    expect((await settle(payment.id)).body.code).toBe('STATE_CONFLICT')
  })

  it('buys its seats again if all of them are free, and is refunded otherwise', async () => {
    const seats = [{ section: 'Stalls', rows: [{ row: 'A', count: 4 }] }]
    const eventId = await sales.event({ priceCents: 1000, capacity: 4, seats })
    const first = await settledAsFailed(eventId, { seats: ['Stalls-A-1', 'Stalls-A-2'] })
    const buyer = { name: 'Ben', email: 'ben@example.com' }
    const by = await sales.buyer()
    const other = await settledAsFailed(eventId, { seats: ['Stalls-A-2', 'Stalls-A-3'] }, { by, buyer })
    for (const { intent } of [first, other]) {
      stripe.completeProcessing(intent, 'succeeded')
      await deliver(stripe.delivery('payment_intent.succeeded', intent))
      await until(async () => {
        const { state } = await paymentOf(intent.metadata['holdId'] ?? '')
        if (state === 'FAILED') throw new Error('not yet')
      })
    }
    await untilPayment(first.hold.id, 'SUCCEEDED')
    await untilPayment(other.hold.id, 'REFUNDED')
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 2 })
  })

  it.each([
    ['account', async () => ({ by: sales.customer, buyer: { name: 'Other', email: 'other@example.com' } })],
    ['e-mail address', async () => ({ by: await sales.buyer(), buyer: { ...BUYER, email: 'Jane@Example.com' } })],
  ])('is refunded when the buyer, recognized by the %s, has bought again', async (_name, other) => {
    const eventId = await sales.event({ priceCents: 1000, capacity: 10 })
    const { hold, intent } = await settledAsFailed(eventId, { quantity: 2 })
    const { by, buyer } = await other()
    const second = await sales.createHold(eventId, { quantity: 2 }, by)
    await sales.confirm(second.id, { by, body: { buyer, payment: { token: 'pm_card_visa' } } })
    await untilPayment(second.id, 'SUCCEEDED')
    stripe.completeProcessing(intent, 'succeeded')
    await deliver(stripe.delivery('payment_intent.succeeded', intent))
    expect((await untilPayment(hold.id, 'REFUNDED')).reason).toContain('already have tickets')
    expect([times(stripe.charged, intent.id), times(stripe.refunded, intent.id)]).toEqual([1, 1])
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 2, 'ALLOCATED:DIRECT': 8 })
  })

  it('waits for another payment of the buyer, and buys the tickets if that one fails', async () => {
    const eventId = await sales.event({ priceCents: 1000, capacity: 10 })
    const { hold, intent } = await settledAsFailed(eventId, { quantity: 2 })
    const second = await sales.createHold(eventId, { quantity: 2 })
    await sales.confirm(second.id, { body: { buyer: BUYER, payment: { token: SLOW_METHOD } } })
    const other = await until(() => stripe.intentOf(second.id))
    stripe.completeProcessing(intent, 'succeeded')
    await deliver(stripe.delivery('payment_intent.succeeded', intent))
    // It is decided again a few seconds later.
    await until(async () => {
      const { state, dueAt, leasedUntil } = await paymentOf(hold.id)
      const waitMs = (dueAt?.getTime() ?? 0) - Date.now()
      expect([state, leasedUntil, waitMs > 0 && waitMs < 10_000]).toEqual(['FAILED', null, true])
    })
    await until(() => expect(other.status).toBe('processing'))
    stripe.completeProcessing(other, 'requires_payment_method')
    await deliver(stripe.delivery('payment_intent.payment_failed', other))
    await untilPayment(second.id, 'FAILED')
    await untilPayment(hold.id, 'SUCCEEDED')
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 2 })
  })

  it('is found without a notification', async () => {
    const eventId = await sales.event({ priceCents: 1000, capacity: 10 })
    const { hold, intent } = await settledAsFailed(eventId, { quantity: 2 })
    stripe.completeProcessing(intent, 'succeeded')
    const { dueAt } = await paymentOf(hold.id)
    expect(dueAt?.getTime()).toBeGreaterThan(Date.now())
    await sales.prisma.payment.updateMany({ where: { holdId: hold.id }, data: { dueAt: new Date() } })
    await untilPayment(hold.id, 'SUCCEEDED')
  })

  it('does not buy free units that a platform without a known cap may sell, and is refunded', async () => {
    const eventId = await sales.event({ priceCents: 1000, capacity: 10 })
    const { hold, intent } = await settledAsFailed(eventId, { quantity: 4 })
    const known = { importedAt: new Date(), confirmedMode: 'OPEN' as const, confirmedCap: null }
    const connectionId = environmentConnectionId('LUMA')
    await sales.prisma.channel.create({
      data: { id: newId('chn'), eventId, platform: 'LUMA', connectionId, externalEventId: newId('lst'), ...known },
    })
    const freed = { quantity: 10, sources: ['ALLOCATED:DIRECT'], destination: 'UNALLOCATED' } as const
    await sales.service.app.get(Stock).transact(eventId, (tx) => tx.post(requestOf(freed)))
    stripe.completeProcessing(intent, 'succeeded')
    await deliver(stripe.delivery('payment_intent.succeeded', intent))
    await untilPayment(hold.id, 'REFUNDED')
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 0, UNALLOCATED: 10 })
  })

  it('is refunded when the event is closed', async () => {
    const eventId = await sales.event({ priceCents: 1000 })
    const { hold, intent } = await settledAsFailed(eventId, { quantity: 1 })
    await sales.service.call('POST', `/events/${eventId}/close`, { token: sales.admin.token })
    stripe.completeProcessing(intent, 'succeeded')
    await deliver(stripe.delivery('payment_intent.succeeded', intent))
    await untilPayment(hold.id, 'REFUNDED')
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 0 })
  })
})

describe('A payment that stays pending at the provider', () => {
  it('ends by itself and returns the tickets; a late success is still found', async () => {
    const eventId = await sales.event({ priceCents: 1000, capacity: 5 })
    const hold = await sales.createHold(eventId, { quantity: 2 })
    await sales.confirm(hold.id, { body: { buyer: BUYER, payment: { token: SLOW_METHOD } } })
    const { id } = await until(async () => {
      const payment = await paymentOf(hold.id)
      if (payment.attempts === 0 || payment.leasedUntil) throw new Error('not attempted yet')
      return payment
    })
    // The last attempts before its time is over do not make it stuck.
    await sales.prisma.payment.update({ where: { id }, data: { attempts: 20 } })
    // Not while it is processed, which would set the time of its next attempt again.
    await until(async () => {
      const { attempts, leasedUntil } = await paymentOf(hold.id)
      expect([attempts > 20, leasedUntil]).toEqual([true, null])
    }, 15_000)
    expect(await paymentOf(hold.id)).toMatchObject({ state: 'PENDING', stuckSince: null })
    const hourAgo = new Date(Date.now() - 3_600_000)
    await sales.prisma.payment.update({ where: { id }, data: { createdAt: hourAgo, dueAt: new Date() } })
    expect(await untilPayment(hold.id, 'FAILED')).toMatchObject({ reason: 'The payment was not completed in time.' })
    expect((await sales.get(hold.id)).body.state).toBe('PAYMENT_FAILED')
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'ALLOCATED:DIRECT': 5 })
    const mail = await sales.prisma.mail.findFirstOrThrow({
      where: { kind: 'PAYMENT_FAILED' },
      orderBy: { createdAt: 'desc' },
    })
    expect(mail.text).toContain('If this payment is completed later')
    stripe.completeProcessing(stripe.intentOf(hold.id), 'succeeded')
    await deliver(stripe.delivery('payment_intent.succeeded', stripe.intentOf(hold.id)))
    await untilPayment(hold.id, 'SUCCEEDED')
  })

  it('is settled by an operator, as the provider reports it, and this is audited', async () => {
    const eventId = await sales.event({ priceCents: 1000 })
    const hold = await sales.createHold(eventId, { quantity: 1 })
    await sales.confirm(hold.id, { body: { buyer: BUYER, payment: { token: SLOW_METHOD } } })
    const { id } = await until(async () => {
      const payment = await paymentOf(hold.id)
      if (payment.attempts === 0 || payment.leasedUntil) throw new Error('not attempted yet')
      return payment
    })
    const viewer = await sales.staff('VIEWER')
    expect((await sales.service.call('GET', '/payments', { token: viewer.token })).status).toBe(403)
    expect((await settle(id, { outcome: 'FAILED' })).status).toBe(400)
    expect((await settle('pay_none')).status).toBe(404)
    stripe.completeProcessing(stripe.intentOf(hold.id), 'succeeded')
    await until(async () => expect((await settle(id)).status).toBe(200))
    await untilPayment(hold.id, 'SUCCEEDED')
    expect((await sales.get(hold.id)).body.state).toBe('CONFIRMED')
    const audit = await sales.prisma.auditEntry.findFirst({ where: { subject: id, action: 'payment.settle' } })
    expect(audit).toMatchObject({ actorId: sales.operator.id, before: { state: 'PENDING' } })
    await sales.expectSound(eventId)
  })
})

describe('A payment that the provider declines after it was processing', () => {
  it('fails and returns the tickets, without waiting for an operator', async () => {
    const eventId = await sales.event({ priceCents: 1000, capacity: 5 })
    const hold = await sales.createHold(eventId, { quantity: 2 })
    await sales.confirm(hold.id, { body: { buyer: BUYER, payment: { token: SLOW_METHOD } } })
    await until(async () => {
      const { attempts, leasedUntil } = await paymentOf(hold.id)
      if (attempts === 0 || leasedUntil) throw new Error('not attempted yet')
    })
    const intent = stripe.intentOf(hold.id)
    stripe.completeProcessing(intent, 'requires_payment_method')
    await deliver(stripe.delivery('payment_intent.payment_failed', intent))
    await untilPayment(hold.id, 'FAILED')
    expect((await sales.get(hold.id)).body.state).toBe('PAYMENT_FAILED')
    // It cannot be paid later.
    expect([intent.status, times(stripe.charged, intent.id)]).toEqual(['canceled', 0])
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'ALLOCATED:DIRECT': 5 })
  })
})

describe('POST /webhooks/stripe', () => {
  const event = () => JSON.stringify({ id: 'evt_1', object: 'event', type: 'x.y', data: { object: { id: 'pi_none' } } })

  it('accepts a signed delivery, also of an unknown type', async () => {
    const payload = event()
    expect((await deliver({ body: payload, signature: stripe.sign(payload) })).body).toEqual({ accepted: true })
  })

  it.each([
    ['without a signature', () => ({ body: event() })],
    ['signed by another secret', () => ({ body: event(), signature: stripe.sign(event(), Date.now(), 'whsec_other') })],
    ['changed after it was signed', () => ({ body: `${event()} `, signature: stripe.sign(event()) })],
    ['signed long ago', () => ({ body: event(), signature: stripe.sign(event(), Date.now() - 600_000) })],
    ['with a broken signature', () => ({ body: event(), signature: 'v1=,t=' })],
  ])('returns 401 for a delivery %s', async (_name, delivery) => {
    const response = await deliver(delivery())
    expect([response.status, response.body]).toMatchObject([401, { code: 'SIGNATURE_INVALID' }])
  })

  it.each(['', '{', '[]', '{"object":"event"}', '{"object":"event","type":"a","data":{"object":1}}'])(
    'returns 400 for the signed body %j',
    async (body) => {
      const response = await deliver({ body, signature: stripe.sign(body) })
      expect([response.status, response.body]).toMatchObject([400, { code: 'VALIDATION_FAILED' }])
    },
  )
})
