import { getQueueToken } from '@nestjs/bullmq'
import type { Queue } from 'bullmq'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Clock } from '../../../src/infrastructure/time/clock.js'
import { onDebugPoint } from '../../../src/infrastructure/debug-point.js'
import { QUEUES } from '../../../src/infrastructure/queues/queue-names.js'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { HoldExpiry } from '../../../src/holds/hold-expiry.js'
import { HoldResolution } from '../../../src/holds/hold-resolution.js'
import { PaymentStore } from '../../../src/payments/payment-store.js'
import { PaymentProcessor } from '../../../src/payments/processing/payment-processor.js'
import { PaymentWorker } from '../../../src/payments/processing/payment-worker.js'
import type { TestApp } from '../../support/service/app.js'
import { BUYER, retryWhileUnavailable, Sales, tally, type HoldBody, type Person } from '../../support/fixtures/sales.js'
import { AUTHENTICATED_METHOD, StripeServer } from '../../support/servers/stripe.js'
import { until } from '../../support/service/test-system.js'

const GOOD = 'pm_card_visa'
const DECLINED = 'pm_card_chargeDeclined'
const PRICED = { priceCents: 1500, currency: 'EUR' }

let stripe: StripeServer
let sales: Sales
let second: TestApp

beforeAll(async () => {
  stripe = await StripeServer.start()
  sales = await Sales.start({ env: stripe.env })
  second = await sales.startInstance()
  for (const { app } of [sales.service, second]) app.get(BackgroundTasks).start(PaymentWorker)
})

afterAll(async () => {
  await second?.close()
  await sales?.stop()
  await stripe?.stop()
})

const unhook: (() => void)[] = []
/** Sets the time of both processes. */
function setClock(now: () => Date): void {
  for (const { app } of [sales.service, second]) app.get(Clock).now = now
}

afterEach(() => {
  setClock(() => new Date())
  for (const remove of unhook.splice(0)) remove()
})

const paying = (token: string) => ({ buyer: BUYER, payment: { token } })
const pay = (id: string, token = GOOD, on = sales.service, by = sales.customer) =>
  sales.confirm(id, { body: paying(token), on, by })
const paymentOf = (holdId: string) => sales.prisma.payment.findUniqueOrThrow({ where: { holdId } })
const mailsOf = (kind: string) => sales.prisma.mail.count({ where: { kind } })

async function held(fields: object = {}, body: object = { quantity: 2 }): Promise<{ eventId: string; id: string }> {
  const eventId = await sales.event({ ...PRICED, ...fields })
  return { eventId, id: (await sales.createHold(eventId, body)).id }
}

async function untilState(id: string, state: string): Promise<HoldBody> {
  return until(async () => {
    const { body } = await sales.get(id)
    if (body.state !== state) throw new Error(`the hold is ${body.state}, not ${state}`)
    return body
  }, 15_000)
}

function chargesOf(holdId: string): number {
  const { id } = stripe.intentOf(holdId)
  return stripe.charged.filter((charged) => charged === id).length
}

describe('Paying for a hold', () => {
  it('is pending, then confirmed with tickets, and charges once for repeated requests', async () => {
    const { eventId, id } = await held()
    const responses = await Promise.all(Array.from({ length: 10 }, () => pay(id)))
    expect(tally(responses)).toEqual({ '202': 10 })
    expect(responses[0]?.body).toMatchObject({ id, state: 'PAYMENT_PENDING' })
    const { tickets } = await untilState(id, 'CONFIRMED')
    const again = await pay(id)
    expect([again.status, again.body.state, again.body.tickets]).toEqual([200, 'CONFIRMED', tickets])
    expect(tickets).toHaveLength(2)
    expect(stripe.intentOf(id)).toMatchObject({ amount: 3000, currency: 'eur', status: 'succeeded' })
    expect(chargesOf(id)).toBe(1)
    expect(await paymentOf(id)).toMatchObject({ state: 'SUCCEEDED', token: null, dueAt: null, amount: 3000n })
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 2 })
  })

  it('returns the units to their accounts and sends a mail when the card is declined', async () => {
    const { eventId, id } = await held({ capacity: 20, safetyStockRatio: 0.25 })
    const before = await mailsOf('PAYMENT_FAILED')
    expect((await pay(id, DECLINED)).status).toBe(202)
    await untilState(id, 'PAYMENT_FAILED')
    const again = await pay(id)
    expect([again.status, again.body.state]).toEqual([200, 'PAYMENT_FAILED'])
    expect(stripe.intentOf(id).status).toBe('canceled')
    expect(await paymentOf(id)).toMatchObject({
      state: 'FAILED',
      token: null,
      reason: expect.stringContaining('declined'),
    })
    expect(await mailsOf('PAYMENT_FAILED')).toBe(before + 1)
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'ALLOCATED:DIRECT': 15, 'SOLD:DIRECT': 0 })
  })

  it('fails permanently with an unknown token', async () => {
    const { eventId, id } = await held()
    await pay(id, 'nonsense')
    await untilState(id, 'PAYMENT_FAILED')
    expect([stripe.intentOf(id).status, chargesOf(id)]).toEqual(['canceled', 0])
    await sales.expectSound(eventId)
  })

  it('fails without a charge when the provider rejects the amount', async () => {
    const { eventId, id } = await held({ priceCents: 50 }, { quantity: 1 })
    stripe.minAmount = 100
    await pay(id)
    await untilState(id, 'PAYMENT_FAILED')
    stripe.minAmount = 50
    expect([...stripe.intents.values()].filter(({ metadata }) => metadata['holdId'] === id)).toEqual([])
    await sales.expectSound(eventId)
  })

  it('keeps an overdue hold until the payment is decided', async () => {
    const { eventId, id } = await held({}, { quantity: 1, ttlSeconds: 5 })
    stripe.failNext(/confirm/, 'refused')
    await pay(id)
    setClock(() => new Date(Date.now() + 600_000))
    await sales.service.app.get(HoldExpiry).sweep()
    expect(['PAYMENT_PENDING', 'CONFIRMED']).toContain((await sales.get(id)).body.state)
    expect((await sales.release(id)).status).toBe(409)
    await untilState(id, 'CONFIRMED')
    expect(chargesOf(id)).toBe(1)
    await sales.expectSound(eventId)
  })

  it('is not skipped when the clock steps back while an overdue hold is confirmed', async () => {
    const { eventId, id } = await held({}, { quantity: 1, ttlSeconds: 5 })
    setClock(() => new Date(Date.now() + 6_000))
    const resolution = sales.service.app.get(HoldResolution)
    const resolve = resolution.resolve.bind(resolution)
    unhook.push(() => (resolution.resolve = resolve))
    resolution.resolve = (...request) => {
      setClock(() => new Date())
      return resolve(...request)
    }
    expect((await pay(id)).body).toMatchObject({ status: 410, code: 'HOLD_EXPIRED' })
    expect((await sales.get(id)).body.state).toBe('HELD')
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 1, 'SOLD:DIRECT': 0 })
  })

  it('reserves the seats, and releases them when it fails', async () => {
    const seats = [{ section: 'Stalls', rows: [{ row: 'A', count: 3 }] }]
    const { eventId, id } = await held({ seats }, { seats: ['Stalls-A-1', 'Stalls-A-2'] })
    await pay(id, DECLINED)
    await untilState(id, 'PAYMENT_FAILED')
    const other = await sales.createHold(eventId, { seats: ['Stalls-A-2', 'Stalls-A-3'] })
    await pay(other.id)
    const { tickets } = await untilState(other.id, 'CONFIRMED')
    expect(tickets?.map(({ seat }) => seat)).toEqual(['Stalls-A-2', 'Stalls-A-3'])
    await sales.expectSound(eventId)
  })

  it('succeeds although the event is closed in the meantime', async () => {
    const { eventId, id } = await held()
    stripe.failNext(/confirm/, 'refused')
    await pay(id)
    await sales.service.call('POST', `/events/${eventId}/close`, { token: sales.admin.token })
    await untilState(id, 'CONFIRMED')
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 2 })
  })
})

describe('A payment that the buyer has to authenticate', () => {
  /** Pending, with the secret for the page of the buyer. */
  async function pending() {
    const { eventId, id } = await held()
    expect((await pay(id, AUTHENTICATED_METHOD)).status).toBe(202)
    const clientSecret = await until(async () => {
      const { body } = await sales.get(id)
      expect(body).toMatchObject({ state: 'PAYMENT_PENDING', nextAction: { type: 'AUTHENTICATE' } })
      return (body as HoldBody & { nextAction: { clientSecret: string } }).nextAction.clientSecret
    }, 15_000)
    return { eventId, id, clientSecret }
  }

  it('is paid once that is done, without a notification, and only its buyer gets the secret', async () => {
    const { eventId, id, clientSecret } = await pending()
    expect((await sales.get(id, sales.operator)).body).not.toHaveProperty('nextAction')
    expect(chargesOf(id)).toBe(0)
    stripe.authenticate(clientSecret, true)
    const confirmed = await untilState(id, 'CONFIRMED')
    expect(confirmed).not.toHaveProperty('nextAction')
    expect(chargesOf(id)).toBe(1)
    expect(await paymentOf(id)).toMatchObject({ token: null, clientSecret: null })
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 2 })
  })

  it('fails, and cannot be paid later, when the bank rejects it', async () => {
    const { eventId, id, clientSecret } = await pending()
    stripe.authenticate(clientSecret, false)
    await untilState(id, 'PAYMENT_FAILED')
    expect([stripe.intentOf(id).status, chargesOf(id)]).toEqual(['canceled', 0])
    expect((await paymentOf(id)).reason).toContain('authentication')
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 0 })
  })

  it('ends when the buyer does not do it', async () => {
    const { eventId, id } = await pending()
    const createdAt = new Date(Date.now() - 16 * 60_000)
    await sales.prisma.payment.updateMany({ where: { holdId: id }, data: { createdAt, dueAt: new Date() } })
    await untilState(id, 'PAYMENT_FAILED')
    expect(stripe.intentOf(id).status).toBe('canceled')
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 0 })
  })

  it('is confirmed once when the response to the confirmation is lost', async () => {
    const { id } = await held()
    stripe.failNext(/confirm/, 'lost')
    await pay(id, AUTHENTICATED_METHOD)
    await until(async () => expect((await sales.get(id)).body).toHaveProperty('nextAction'), 15_000)
    stripe.authenticate(stripe.intentOf(id).client_secret, true)
    await untilState(id, 'CONFIRMED')
    expect(chargesOf(id)).toBe(1)
  })
})

describe('The price of an event', () => {
  it.each([
    [{ priceCents: 49, currency: 'EUR' }, 'priceCents'],
    [{ priceCents: 29, currency: 'GBP' }, 'priceCents'],
    [{ priceCents: 1_005, currency: 'KWD' }, 'priceCents'],
    [{ priceCents: 100_000_000, currency: 'EUR' }, 'priceCents'],
    [{ priceCents: 1_000, currency: 'XYZ' }, 'currency'],
    [{ priceCents: 1_000, currency: 'DEM' }, 'currency'],
  ])('is refused when it cannot be paid: %j', async (fields, field) => {
    const body = { name: 'Event', startsAt: '2030-01-01T18:00:00Z', capacity: 10, ...fields }
    const response = await sales.service.call<HoldBody>('POST', '/events', { token: sales.operator.token, body })
    expect([response.status, response.body.errors]).toMatchObject([400, [{ field }]])
  })

  it('allows no payment above the largest amount, and leaves the hold as it is', async () => {
    const { id } = await held({ priceCents: 60_000_000 }, { quantity: 2 })
    const response = await pay(id)
    expect([response.status, response.body.errors]).toMatchObject([400, [{ field: 'payment' }]])
    expect((await sales.get(id)).body.state).toBe('HELD')
  })
})

describe('Payment processing', () => {
  it.each([
    ['the request to create the payment intent', /payment_intents$/, 'refused'],
    ['the response to its creation', /payment_intents$/, 'lost'],
    ['the request to confirm it', /confirm/, 'refused'],
    ['the response to its confirmation', /confirm/, 'lost'],
  ] as const)('charges once when %s is lost', async (_name, path, fault) => {
    const { eventId, id } = await held()
    stripe.failNext(path, fault)
    await pay(id)
    await untilState(id, 'CONFIRMED')
    expect(chargesOf(id)).toBe(1)
    await sales.expectSound(eventId)
  })

  it('records a charge in another process after a crash, also when the idempotency keys have expired', async () => {
    const { eventId, id } = await held()
    let crashes = 0
    const forever = new Promise<never>(() => undefined)
    unhook.push(onDebugPoint('after-charge-before-record', () => (crashes++ === 0 ? forever : undefined)))
    await pay(id)
    await until(() => {
      if (crashes === 0) throw new Error('no process crashed')
    })
    expect([chargesOf(id), (await sales.get(id)).body.state]).toEqual([1, 'PAYMENT_PENDING'])
    stripe.forgetKeys()
    setClock(() => new Date(Date.now() + 120_000))
    await untilState(id, 'CONFIRMED')
    expect(chargesOf(id)).toBe(1)
    await sales.expectSound(eventId)
  })

  it('finds the payment of a lost job by the sweep', async () => {
    const { eventId, id } = await held()
    const queue = sales.service.app.get<Queue>(getQueueToken(QUEUES.payments), { strict: false })
    await queue.pause()
    await pay(id)
    await until(async () => {
      if ((await queue.count()) === 0) throw new Error('no job yet')
    })
    await queue.drain()
    await queue.resume()
    expect((await sales.get(id)).body.state).toBe('PAYMENT_PENDING')
    setClock(() => new Date(Date.now() + 6_000))
    await untilState(id, 'CONFIRMED')
    expect(chargesOf(id)).toBe(1)
    await sales.expectSound(eventId)
  })

  it('processes a payment once when several processes attempt it', async () => {
    const { eventId, id } = await held()
    await pay(id)
    const payment = await paymentOf(id)
    const processors = [sales.service, second].map(({ app }) => app.get(PaymentProcessor))
    await Promise.all(Array.from({ length: 20 }, async (_, i) => processors[i % 2]?.process(payment.id)))
    await untilState(id, 'CONFIRMED')
    expect(chargesOf(id)).toBe(1)
    await sales.expectSound(eventId)
  })
})

describe('Declined payments', () => {
  async function attempt(eventId: string, by: Person, email: string, token = DECLINED) {
    const { id } = await sales.createHold(eventId, { quantity: 1 }, by)
    const body = { buyer: { name: 'Jane', email }, payment: { token } }
    const response = await sales.confirm(id, { by, body })
    return { id, response, result: tally([response]), retryAfter: Number(response.headers['retry-after']) }
  }
  const decided = (eventId: string) =>
    until(async () => {
      const pending = await sales.prisma.payment.count({ where: { eventId, state: 'PENDING' } })
      if (pending > 0) throw new Error(`${pending} are pending`)
    }, 15_000)
  const [STARTED, LIMITED] = [{ '202': 1 }, { '429 RATE_LIMITED': 1 }]

  it('of an account or to the address of another person are limited to ten in an hour', async () => {
    const eventId = await sales.event(PRICED)
    const [tester, victim, third] = [await sales.buyer(), await sales.buyer(), await sales.buyer()]
    for (let n = 0; n < 10; n++) expect((await attempt(eventId, tester, victim.email)).result).toEqual(STARTED)
    await decided(eventId)
    const eleventh = await attempt(eventId, tester, 'else@example.com', GOOD)
    expect([eleventh.result, (await sales.get(eleventh.id, tester)).body.state]).toEqual([LIMITED, 'HELD'])
    expect(eleventh.retryAfter).toBeGreaterThan(3_500)
    expect(eleventh.retryAfter).toBeLessThanOrEqual(3_600)
    // Recognized in any case.
    expect((await attempt(eventId, third, victim.email.toUpperCase())).result).toEqual(LIMITED)
    expect(await sales.prisma.mail.count({ where: { kind: 'PAYMENT_FAILED', recipient: victim.email } })).toBe(10)
    // Neither the owner of the address nor anyone else.
    expect((await attempt(eventId, victim, victim.email, GOOD)).result).toEqual(STARTED)
    expect((await attempt(eventId, third, third.email, GOOD)).result).toEqual(STARTED)
    await decided(eventId)
    setClock(() => new Date(Date.now() + 3_601_000))
    expect((await attempt(eventId, tester, victim.email, GOOD)).result).toEqual(STARTED)
    await decided(eventId)
    await sales.expectSound(eventId)
  })

  it('are limited for several events together', async () => {
    const events = [await sales.event(PRICED), await sales.event(PRICED)]
    const tester = await sales.buyer()
    const at = (n: number) => events[n % 2] ?? ''
    for (let n = 0; n < 10; n++) expect((await attempt(at(n), tester, `a${n}@example.com`)).result).toEqual(STARTED)
    for (const eventId of events) await decided(eventId)
    expect((await attempt(at(0), tester, tester.email)).result).toEqual(LIMITED)
    // Negative control: without the others it is started.
    const store = sales.service.app.get(PaymentStore)
    const declined = store.declined.bind(store)
    unhook.push(() => (store.declined = declined))
    store.declined = () => Promise.resolve([])
    expect((await attempt(at(0), tester, tester.email)).result).toEqual(STARTED)
    for (const eventId of events) await decided(eventId)
  })

  it('are not limited for staff, who sell to many at the door', async () => {
    const eventId = await sales.event(PRICED)
    for (let n = 0; n < 11; n++)
      expect((await attempt(eventId, sales.operator, 'box.office@example.com')).result).toEqual(STARTED)
    await decided(eventId)
  })
})

describe('200 concurrent paid confirmations', () => {
  it('are each charged once or released, across two processes and with repeated requests', async () => {
    const eventId = await sales.event({ ...PRICED, capacity: 200 })
    // Declined payments of customers are limited.
    const by = sales.operator
    const holds = await Promise.all(
      Array.from({ length: 200 }, async () => (await sales.holdWithRetries(eventId, { quantity: 1 }, { by })).body.id),
    )
    const token = (index: number) => (index % 4 === 0 ? DECLINED : GOOD)
    for (const path of [/confirm/, /payment_intents$/]) {
      for (let index = 0; index < 5; index++) stripe.failNext(path, index % 2 ? 'lost' : 'refused')
    }
    const responses = await Promise.all(
      holds.flatMap((id, index) => [
        retryWhileUnavailable(() => pay(id, token(index), sales.service, by)),
        retryWhileUnavailable(() => pay(id, token(index), second, by)),
      ]),
    )
    expect(Object.keys(tally(responses)).every((status) => status === '202' || status === '200')).toBe(true)
    await until(async () => {
      const pending = await sales.prisma.payment.count({ where: { eventId, state: 'PENDING' } })
      if (pending > 0) throw new Error(`${pending} are pending`)
    }, 40_000)
    expect(holds.map((id) => chargesOf(id))).toEqual(holds.map((_, index) => (index % 4 === 0 ? 0 : 1)))
    expect(await sales.expectSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 150, 'ALLOCATED:DIRECT': 50 })
    expect(stripe.refunded).toEqual([])
  })
})
