import { afterAll, beforeAll, expect, it } from 'vitest'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { PaymentWorker } from '../../../src/payments/processing/payment-worker.js'
import { Sales, type HoldBody } from '../../support/fixtures/sales.js'
import { StripeServer } from '../../support/servers/stripe.js'
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

const PAYMENT = { token: 'pm_card_visa' }
const change = (eventId: string, body: object, by = sales.operator) =>
  sales.service.call<HoldBody & { priceCents: number | null }>('PATCH', `/events/${eventId}`, { token: by.token, body })

async function setPrice(eventId: string, priceCents: number): Promise<void> {
  const { status, body } = await change(eventId, { priceCents })
  expect([status, body.priceCents], JSON.stringify(body)).toEqual([200, priceCents])
}

const held = async (eventId: string) => (await sales.createHold(eventId, { quantity: 2 })).id

/** Confirms the hold; returns what the provider received for it, and the mail with the tickets. */
async function buy(id: string, body: object = { payment: PAYMENT }) {
  const email = `${newId('jane')}@example.com`
  const { status } = await sales.confirm(id, { body: { buyer: { name: 'Jane', email }, ...body } })
  expect([200, 202]).toContain(status)
  const mail = await until(
    () => sales.prisma.mail.findFirstOrThrow({ where: { recipient: email, kind: 'TICKETS' } }),
    15_000,
  )
  const intent = [...stripe.intents.values()].find(({ metadata }) => metadata['holdId'] === id)
  return { charged: intent?.amount ?? 0, currency: intent?.currency, mail: (mail.text ?? '').replaceAll('\u00a0', ' ') }
}

it('charges each hold the price at which it was made', async () => {
  const eventId = await sales.event({ priceCents: 1_500, currency: 'EUR' })
  const before = await held(eventId)
  await setPrice(eventId, 2_000)
  const after = await held(eventId)
  expect((await sales.get(before)).body).toMatchObject({ priceCents: 1_500 })
  expect((await sales.get(after)).body).toMatchObject({ priceCents: 2_000 })
  const [cheap, dear] = [await buy(before), await buy(after)]
  expect([cheap.charged, dear.charged]).toEqual([3_000, 4_000])
  expect(cheap.mail).toContain('2 × EUR 15.00 = EUR 30.00')
  expect(dear.mail).toContain('2 × EUR 20.00 = EUR 40.00')
  await sales.expectSound(eventId)
})

it('charges what was held free of charge nothing, once the event has a price', async () => {
  const eventId = await sales.event()
  const free = await held(eventId)
  await setPrice(eventId, 1_000)
  const { charged, mail } = await buy(free, {})
  expect(charged).toBe(0)
  expect(mail).not.toContain('EUR')
  const paid = await held(eventId)
  expect((await sales.confirm(paid)).body).toMatchObject({ status: 400, errors: [{ field: 'payment' }] })
  expect(await buy(paid)).toMatchObject({ charged: 2_000, currency: 'eur' })
})

it('charges what was held at a price, although the event is free by now', async () => {
  const eventId = await sales.event({ priceCents: 1_500, currency: 'EUR' })
  const id = await held(eventId)
  await setPrice(eventId, 0)
  expect((await sales.confirm(id)).body).toMatchObject({ status: 400, errors: [{ field: 'payment' }] })
  expect((await buy(id)).charged).toBe(3_000)
  expect((await buy(await held(eventId), {})).charged).toBe(0)
})

it('offers tickets to the waitlist at the price of that time', async () => {
  const eventId = await sales.event({ priceCents: 1_500, currency: 'EUR' })
  const email = `${newId('ana')}@example.com`
  const body = { name: 'Ana', email, quantity: 2 }
  const request = (method: 'GET' | 'POST', path: string, options: object) =>
    sales.service.call<{ id: string; leaveToken: string }>(method, path, options)
  const { id, leaveToken } = (await request('POST', `/events/${eventId}/waitlist`, { body })).body
  const own = async (token: string) =>
    (await request('GET', `/waitlist/${id}`, { headers: { 'x-entry-token': token } })).body
  expect(await own(leaveToken)).toMatchObject({ amount: 3_000 })
  expect((await request('POST', `/waitlist/${id}/offer`, { token: sales.operator.token })).status).toBe(201)
  await setPrice(eventId, 2_000)
  const mail = await sales.prisma.mail.findFirstOrThrow({ where: { recipient: email, kind: 'OFFER' } })
  const token = new URLSearchParams(/claim#(\S+)/.exec(mail.text ?? '')?.[1]).get('token') ?? ''
  expect(await own(token)).toMatchObject({ priced: true, amount: 3_000, offer: { priceCents: 1_500 } })
  await request('POST', `/waitlist/${id}/claim`, { body: { token, payment: PAYMENT } })
  const { holdId } = await sales.prisma.waitlistEntry.findUniqueOrThrow({ where: { id } })
  await until(() => expect(stripe.intentOf(holdId ?? '')).toMatchObject({ amount: 3_000, status: 'succeeded' }), 15_000)
})

it.each([
  [{}, 49],
  [{ currency: 'GBP' }, 29],
  [{ currency: 'KWD' }, 1_005],
  [{}, 100_000_000],
  [{}, -1],
  [{}, 10.5],
])('is refused when it cannot be paid: %j, %d', async (fields, priceCents) => {
  const eventId = await sales.event(fields)
  const response = await change(eventId, { priceCents })
  expect([response.status, response.body.errors]).toMatchObject([400, [{ field: 'priceCents' }]])
})

it('needs an operator, and is on record', async () => {
  const eventId = await sales.event({ priceCents: 1_500, currency: 'EUR' })
  expect((await change(eventId, { priceCents: 1 }, await sales.staff('VIEWER'))).status).toBe(403)
  await setPrice(eventId, 2_500)
  const where = { subject: eventId, action: 'event.change' }
  const { before, after } = await sales.prisma.auditEntry.findFirstOrThrow({ where })
  expect({ before, after }).toEqual({ before: { priceCents: 1_500 }, after: { priceCents: 2_500 } })
})
