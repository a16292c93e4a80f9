import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SoftCap } from '../../../src/channels/soft-cap.js'
import { BackgroundTasks } from '../../../src/infrastructure/background/background-tasks.js'
import { PaymentWorker } from '../../../src/payments/processing/payment-worker.js'
import { verify } from '../../support/fixtures/proof-records.js'
import { BUYER, Sales } from '../../support/fixtures/sales.js'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'

let sales: Sales

beforeAll(async () => {
  sales = await Sales.start()
  sales.service.app.get(BackgroundTasks).start(PaymentWorker)
})

afterAll(() => sales?.stop())

interface Cancelled {
  state: string
  refund: string
  code?: string
}

const cancel = (orderId: string, body: object = { reason: 'Cancelled by phone' }, by = sales.operator) =>
  sales.service.call<Cancelled>('POST', `/orders/${orderId}/cancel`, { token: by.token, body })

const orderOf = async (holdId: string) => {
  const { orderId } = await sales.prisma.hold.findUniqueOrThrow({ where: { id: holdId } })
  return orderId ?? ''
}

const paymentOf = (holdId: string) => sales.prisma.payment.findUniqueOrThrow({ where: { holdId } })

/** A confirmed hold. */
async function bought(
  eventId: string,
  body: object,
  by = sales.customer,
): Promise<{ holdId: string; orderId: string }> {
  const { id: holdId } = await sales.createHold(eventId, body, by)
  const confirmed = await sales.confirm(holdId, { by, body: { buyer: BUYER, payment: { token: 'tok_visa' } } })
  expect([200, 202]).toContain(confirmed.status)
  await expect.poll(async () => (await sales.get(holdId, by)).body.state, { timeout: 10_000 }).toBe('CONFIRMED')
  return { holdId, orderId: await orderOf(holdId) }
}

describe('Cancelling a direct order', () => {
  it('invalidates its tickets and gives the stock and the seats back, once', async () => {
    const eventId = await sales.event({ seats: [{ section: 'A', rows: [{ row: '1', count: 4 }] }] })
    const { holdId, orderId } = await bought(eventId, { seats: ['A-1-1', 'A-1-2'] })
    const [ticket] = (await sales.get(holdId)).body.tickets ?? []
    const mails = () => sales.prisma.mail.count({ where: { kind: 'ORDER_CANCELLED' } })
    const mailsBefore = await mails()
    const responses = await Promise.all([cancel(orderId), cancel(orderId), cancel(orderId)])
    for (const { status, body } of responses) {
      expect([status, body]).toMatchObject([200, { id: orderId, state: 'CANCELLED', quantity: 0, refund: 'NONE' }])
    }
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 0, UNALLOCATED: 2, HELD: 0 })
    expect(await mails()).toBe(mailsBefore + 1)
    const qr = await sales.service.call('GET', `/tickets/${ticket?.id}/qr.svg`, { token: sales.customer.token })
    expect(qr.status).toBe(409)
    expect((await sales.get(holdId)).body).toMatchObject({ state: 'CONFIRMED', tickets: [] })
    await bought(eventId, { seats: ['A-1-1'] }, await sales.buyer())
    const entries = await sales.prisma.auditEntry.findMany({ where: { subject: orderId } })
    expect(entries).toMatchObject([{ action: 'order.cancel', actorId: sales.operator.id }])
    expect(entries[0]?.after).toMatchObject({ reason: 'Cancelled by phone' })
    const { token } = sales.admin
    const { body: record } = await sales.service.call<string>('GET', `/events/${eventId}/proof`, { token })
    expect(record).toMatch(/"kind":"CANCELLATION".*"reason":"ORDER_CANCELLED"/)
    expect(record).not.toContain('by phone')
    expect(await verify(record)).toMatchObject({ code: 0 })
  })

  it('mails the buyer, without a name that could become a link', async () => {
    const { id } = await sales.createHold(await sales.event(), { quantity: 1 })
    const buyer = { name: 'Win at evil.example', email: 'win@example.com' }
    await sales.confirm(id, { body: { buyer } })
    await cancel(await orderOf(id))
    const where = { kind: 'ORDER_CANCELLED', recipient: buyer.email }
    const { text } = await sales.prisma.mail.findFirstOrThrow({ where })
    expect(text).toMatch(/^Hello,\n\nYour ticket for Event, .* has been cancelled: Cancelled by phone\n/)
  })

  it('refunds what was paid, unless it is not to be, and later on request', async () => {
    const eventId = await sales.event({ priceCents: 1_500, currency: 'EUR' })
    const refunded = await bought(eventId, { quantity: 2 })
    expect((await cancel(refunded.orderId)).body).toMatchObject({ refund: 'REQUESTED' })
    await expect.poll(() => paymentOf(refunded.holdId), { timeout: 10_000 }).toMatchObject({ state: 'REFUNDED' })
    const kept = await bought(eventId, { quantity: 1 })
    expect((await cancel(kept.orderId, { reason: 'No show', refund: false })).body).toMatchObject({ refund: 'NONE' })
    expect(await paymentOf(kept.holdId)).toMatchObject({ state: 'SUCCEEDED' })
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 0 })
    expect((await cancel(kept.orderId)).body).toMatchObject({ refund: 'REQUESTED' })
    expect((await cancel(kept.orderId)).body).toMatchObject({ refund: 'NONE' })
    await expect.poll(() => paymentOf(kept.holdId), { timeout: 10_000 }).toMatchObject({ state: 'REFUNDED' })
  })

  it('lets the customer buy as much again', async () => {
    const eventId = await sales.event({ maxHeldPerCustomer: 2 })
    const { orderId } = await bought(eventId, { quantity: 2 })
    expect((await sales.hold(eventId, { quantity: 1 })).status).toBe(409)
    await cancel(orderId)
    await bought(eventId, { quantity: 2 })
  })

  it('returns what came from the safety stock to it', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    const body = { quantity: 3, buyer: BUYER, reason: 'Press' }
    const { token } = sales.operator
    const sale = await sales.service.call<{ orderId: string }>('POST', `/events/${eventId}/safety-stock/sales`, {
      token,
      body,
    })
    const held = await bought(eventId, { quantity: 2, source: 'SAFETY_STOCK' }, sales.operator)
    expect(await sales.expectSound(eventId)).toMatchObject({ SAFETY: 5, 'SOLD:DIRECT': 5 })
    for (const orderId of [sale.body.orderId, held.orderId]) expect((await cancel(orderId)).status).toBe(200)
    expect(await sales.expectSound(eventId)).toMatchObject({ SAFETY: 10, 'SOLD:DIRECT': 0 })
  })

  it('does not put tickets back on sale during the red alarm, and is possible after the event is closed', async () => {
    const eventId = await sales.event({ softCapRatio: 0.5 })
    const { orderId } = await bought(eventId, { quantity: 100 })
    await sales.service.app.get(SoftCap).check(eventId)
    expect((await cancel(orderId)).status).toBe(200)
    expect((await sales.hold(eventId, { quantity: 1 })).body).toMatchObject({ code: 'SOLD_OUT' })
    const { id } = await sales.createHold(eventId, { quantity: 1 }, sales.operator)
    await sales.confirm(id, { by: sales.operator })
    await sales.service.call('POST', `/events/${eventId}/close`, { token: sales.admin.token })
    expect((await cancel(await orderOf(id))).status).toBe(200)
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 0, UNALLOCATED: 100 })
  })

  it('is for operators, with a reason, and for direct orders only', async () => {
    const eventId = await sales.event()
    const { orderId } = await bought(eventId, { quantity: 1 })
    for (const by of [sales.customer, await sales.staff('VIEWER')]) {
      expect((await cancel(orderId, undefined, by)).status).toBe(403)
    }
    for (const body of [
      {},
      { reason: ' ' },
      { reason: 'a\nb' },
      { reason: 'x', refund: 'no' },
      { reason: 'x', more: 1 },
    ]) {
      expect((await cancel(orderId, body)).body).toMatchObject({ code: 'VALIDATION_FAILED' })
    }
    expect((await cancel('ord_unknown')).body).toMatchObject({ code: 'NOT_FOUND' })
    const channelId = 'chn_of_cancellation'
    const channel = { id: channelId, eventId, platform: 'LUMA' as const, externalEventId: 'evt-cancel' }
    await sales.prisma.channel.create({ data: { ...channel, connectionId: environmentConnectionId('LUMA') } })
    const order = { id: 'ord_luma', eventId, channelId, platform: 'LUMA' as const, externalOrderId: 'gst-1' }
    await sales.prisma.order.create({ data: { ...order, state: 'PLACED', quantity: 1, version: '2026' } })
    expect((await cancel('ord_luma')).body).toMatchObject({ code: 'STATE_CONFLICT' })
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 1 })
  })
})
