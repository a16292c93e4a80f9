import { getQueueToken } from '@nestjs/bullmq'
import type { Queue } from 'bullmq'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Clock } from '../../src/infrastructure/clock.js'
import { onDebugPoint } from '../../src/infrastructure/debug-point.js'
import { QUEUES } from '../../src/infrastructure/queues/queue-names.js'
import { HoldExpiry } from '../../src/sales/hold-expiry.js'
import { PaymentProcessor } from '../../src/sales/payments/payment-processor.js'
import { PaymentWorker } from '../../src/sales/payments/payment-worker.js'
import type { TestApp } from '../support/app.js'
import { BUYER, patiently, Sales, tally, type HoldBody } from '../support/sales.js'
import { StripeServer } from '../support/stripe.js'
import { until } from '../support/test-system.js'

const GOOD = 'pm_card_visa'
const DECLINED = 'pm_card_chargeDeclined'
const PRICED = { priceCents: 1500, currency: 'EUR' }

let stripe: StripeServer
let sales: Sales
let second: TestApp

beforeAll(async () => {
  stripe = await StripeServer.start()
  sales = await Sales.start({ env: stripe.env })
  second = await sales.another()
  for (const { app } of [sales.service, second]) app.get(PaymentWorker).start()
})

afterAll(async () => {
  await second?.close()
  await sales?.stop()
  await stripe?.stop()
})

const unhook: (() => void)[] = []
/** Time as both processes see it. */
function setClock(now: () => Date): void {
  for (const { app } of [sales.service, second]) app.get(Clock).now = now
}

afterEach(() => {
  setClock(() => new Date())
  for (const remove of unhook.splice(0)) remove()
})

const paying = (token: string) => ({ buyer: BUYER, payment: { token } })
const pay = (id: string, token = GOOD, on = sales.service) => sales.confirm(id, { body: paying(token), on })
const paymentOf = (holdId: string) => sales.prisma.payment.findUniqueOrThrow({ where: { holdId } })
const mailsOf = (kind: string) => sales.prisma.mail.count({ where: { kind } })

async function held(fields: object = {}, body: object = { quantity: 2 }): Promise<{ eventId: string; id: string }> {
  const eventId = await sales.event({ ...PRICED, ...fields })
  return { eventId, id: (await sales.held(eventId, body)).id }
}

async function untilState(id: string, state: string): Promise<HoldBody> {
  return until(async () => {
    const { body } = await sales.get(id)
    if (body.state !== state) throw new Error(`the hold is ${body.state}, not ${state}`)
    return body
  }, 15_000)
}

function chargesOf(holdId: string): number {
  const { id } = stripe.of(holdId)
  return stripe.charged.filter((charged) => charged === id).length
}

describe('paying', () => {
  it('is pending, then confirmed with tickets; repeating it buys once', async () => {
    const { eventId, id } = await held()
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay(id)))
    expect(tally(answers)).toEqual({ '202': 10 })
    expect(answers[0]?.body).toMatchObject({ id, state: 'PAYMENT_PENDING' })
    const { tickets } = await untilState(id, 'CONFIRMED')
    const again = await pay(id)
    expect([again.status, again.body.state, again.body.tickets]).toEqual([200, 'CONFIRMED', tickets])
    expect(tickets).toHaveLength(2)
    expect(stripe.of(id)).toMatchObject({ amount: 3000, currency: 'eur', status: 'succeeded' })
    expect(chargesOf(id)).toBe(1)
    expect(await paymentOf(id)).toMatchObject({ state: 'SUCCEEDED', token: null, dueAt: null, amount: 3000n })
    expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 2 })
  })

  it('gives everything back where it came from when the card is declined, and says so by mail', async () => {
    const { eventId, id } = await held({ capacity: 20, safetyStockRatio: 0.25 })
    const before = await mailsOf('PAYMENT_FAILED')
    expect((await pay(id, DECLINED)).status).toBe(202)
    await untilState(id, 'PAYMENT_FAILED')
    const again = await pay(id)
    expect([again.status, again.body.state]).toEqual([200, 'PAYMENT_FAILED'])
    expect(stripe.of(id).status).toBe('canceled')
    expect(await paymentOf(id)).toMatchObject({
      state: 'FAILED',
      token: null,
      reason: expect.stringContaining('declined'),
    })
    expect(await mailsOf('PAYMENT_FAILED')).toBe(before + 1)
    expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 0, 'ALLOCATED:DIRECT': 15, 'SOLD:DIRECT': 0 })
  })

  it.each(['pm_card_authenticationRequired', 'nonsense'])('fails for good with %s', async (token) => {
    const { eventId, id } = await held()
    await pay(id, token)
    await untilState(id, 'PAYMENT_FAILED')
    expect([stripe.of(id).status, chargesOf(id)]).toEqual(['canceled', 0])
    await sales.mustBeSound(eventId)
  })

  it('fails where the provider takes no such amount, with nothing ever charged', async () => {
    const { eventId, id } = await held({ priceCents: 1 }, { quantity: 1 })
    await pay(id)
    await untilState(id, 'PAYMENT_FAILED')
    expect([...stripe.intents.values()].filter(({ metadata }) => metadata['holdId'] === id)).toEqual([])
    await sales.mustBeSound(eventId)
  })

  it('keeps a hold that is overdue, however long it takes', async () => {
    const { eventId, id } = await held({}, { quantity: 1, ttlSeconds: 5 })
    stripe.failNext(/confirm/, 'refused')
    await pay(id)
    setClock(() => new Date(Date.now() + 600_000))
    await sales.service.app.get(HoldExpiry).sweep()
    expect(['PAYMENT_PENDING', 'CONFIRMED']).toContain((await sales.get(id)).body.state)
    expect((await sales.release(id)).status).toBe(409)
    await untilState(id, 'CONFIRMED')
    expect(chargesOf(id)).toBe(1)
    await sales.mustBeSound(eventId)
  })

  it('also of seats, which are free again when it fails', async () => {
    const seats = [{ section: 'Stalls', rows: [{ row: 'A', count: 3 }] }]
    const { eventId, id } = await held({ seats }, { seats: ['Stalls-A-1', 'Stalls-A-2'] })
    await pay(id, DECLINED)
    await untilState(id, 'PAYMENT_FAILED')
    const other = await sales.held(eventId, { seats: ['Stalls-A-2', 'Stalls-A-3'] })
    await pay(other.id)
    const { tickets } = await untilState(other.id, 'CONFIRMED')
    expect(tickets?.map(({ seat }) => seat)).toEqual(['Stalls-A-2', 'Stalls-A-3'])
    await sales.mustBeSound(eventId)
  })

  it('goes through although the event is closed meanwhile', async () => {
    const { eventId, id } = await held()
    stripe.failNext(/confirm/, 'refused')
    await pay(id)
    await sales.service.call('POST', `/events/${eventId}/close`, { token: sales.admin.token })
    await untilState(id, 'CONFIRMED')
    expect(await sales.mustBeSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 2 })
  })
})

describe('what goes wrong on the way', () => {
  it.each([
    ['the order to prepare it', /payment_intents$/, 'refused'],
    ['the answer to preparing it', /payment_intents$/, 'lost'],
    ['the order to charge', /confirm/, 'refused'],
    ['the answer to charging', /confirm/, 'lost'],
  ] as const)('%s is lost: charged once', async (_what, path, fault) => {
    const { eventId, id } = await held()
    stripe.failNext(path, fault)
    await pay(id)
    await untilState(id, 'CONFIRMED')
    expect(chargesOf(id)).toBe(1)
    await sales.mustBeSound(eventId)
  })

  it('a process dies between the charge and its record: another one records it, also after the keys are forgotten', async () => {
    const { eventId, id } = await held()
    let died = 0
    const dead = new Promise<never>(() => undefined)
    unhook.push(onDebugPoint('after-charge-before-record', () => (died++ === 0 ? dead : undefined)))
    await pay(id)
    await until(() => {
      if (died === 0) throw new Error('nobody died')
    })
    expect([chargesOf(id), (await sales.get(id)).body.state]).toEqual([1, 'PAYMENT_PENDING'])
    stripe.forgetKeys()
    setClock(() => new Date(Date.now() + 120_000))
    await untilState(id, 'CONFIRMED')
    expect(chargesOf(id)).toBe(1)
    await sales.mustBeSound(eventId)
  })

  it('a job is lost: the sweep finds the payment', async () => {
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
    await sales.mustBeSound(eventId)
  })

  it('several at one payment: one is at work, and its row tells who', async () => {
    const { eventId, id } = await held()
    await pay(id)
    const payment = await paymentOf(id)
    const progress = [sales.service, second].map(({ app }) => app.get(PaymentProcessor))
    await Promise.all(Array.from({ length: 20 }, async (_, i) => progress[i % 2]?.advance(payment.id)))
    await untilState(id, 'CONFIRMED')
    expect(chargesOf(id)).toBe(1)
    await sales.mustBeSound(eventId)
  })
})

describe('200 paid confirmations at once', () => {
  it('are each charged once or given back, over two processes, with their repeats', async () => {
    const eventId = await sales.event({ ...PRICED, capacity: 200 })
    const holds = await Promise.all(
      Array.from({ length: 200 }, () => sales.holdPatiently(eventId, { quantity: 1 }).then(({ body }) => body.id)),
    )
    const token = (index: number) => (index % 4 === 0 ? DECLINED : GOOD)
    for (const path of [/confirm/, /payment_intents$/]) {
      for (let index = 0; index < 5; index++) stripe.failNext(path, index % 2 ? 'lost' : 'refused')
    }
    const answers = await Promise.all(
      holds.flatMap((id, index) => [
        patiently(() => pay(id, token(index))),
        patiently(() => pay(id, token(index), second)),
      ]),
    )
    expect(Object.keys(tally(answers)).every((status) => status === '202' || status === '200')).toBe(true)
    await until(async () => {
      const pending = await sales.prisma.payment.count({ where: { eventId, state: 'PENDING' } })
      if (pending > 0) throw new Error(`${pending} are pending`)
    }, 40_000)
    expect(holds.map((id) => chargesOf(id))).toEqual(holds.map((_, index) => (index % 4 === 0 ? 0 : 1)))
    expect(await sales.mustBeSound(eventId)).toMatchObject({ HELD: 0, 'SOLD:DIRECT': 150, 'ALLOCATED:DIRECT': 50 })
    expect(stripe.refunded).toEqual([])
  })
})
