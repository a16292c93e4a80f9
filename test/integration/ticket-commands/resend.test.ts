import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../../src/infrastructure/ids.js'
import { Clock } from '../../../src/infrastructure/time/clock.js'
import { Sales, tally, type Person } from '../../support/fixtures/sales.js'

let sales: Sales
beforeAll(async () => {
  sales = await Sales.start()
})
afterAll(() => sales?.stop())

interface Resent {
  orderId: string
  mails: number
  code?: string
  detail?: string
}

const resend = (orderId: string, by: Person = sales.customer) =>
  sales.service.call<Resent>('POST', `/orders/${orderId}/tickets/resend`, { token: by.token })
const mailsTo = (recipient: string) => sales.prisma.mail.findMany({ where: { recipient }, orderBy: { id: 'asc' } })

async function buy(quantity = 1) {
  const eventId = await sales.event()
  const { id } = await sales.createHold(eventId, { quantity })
  const email = `${newId('jane')}@example.com`
  const { body } = await sales.confirm(id, { body: { buyer: { name: 'Jane', email } } })
  const { orderId } = await sales.prisma.hold.findUniqueOrThrow({ where: { id } })
  return { eventId, orderId: orderId ?? '', email, tickets: body.tickets ?? [] }
}

const give = (ticketId: string, email: string) =>
  sales.service.call('POST', `/tickets/${ticketId}/transfer`, {
    token: sales.customer.token,
    body: { name: 'Bo', email },
  })

describe('The tickets of an order', () => {
  it('are sent again to the buyer, who and staff may request it', async () => {
    const { orderId, email } = await buy(2)
    expect(await resend(orderId)).toMatchObject({ status: 202, body: { orderId, mails: 1 } })
    expect((await resend(orderId, sales.operator)).status).toBe(202)
    const mails = await mailsTo(email)
    expect(mails.map(({ kind }) => kind)).toEqual(['TICKETS', 'TICKETS', 'TICKETS'])
    expect(new Set(mails.map(({ text }) => text)).size).toBe(1)
    const audited = await sales.prisma.auditEntry.findMany({ where: { subject: orderId }, orderBy: { id: 'asc' } })
    expect(audited).toMatchObject(
      [sales.customer, sales.operator].map(({ id }) => ({ actorId: id, action: 'order.tickets.resend' })),
    )
  })

  it('are not sent for others', async () => {
    const { orderId, email } = await buy()
    expect((await resend(orderId, await sales.buyer())).status).toBe(404)
    expect((await resend('ord_unknown')).status).toBe(404)
    for (const role of ['VIEWER', 'DOOR'] as const)
      expect((await resend(orderId, await sales.staff(role))).status).toBe(403)
    expect(await mailsTo(email)).toHaveLength(1)
  })

  it('are sent three times in an hour, also when requested at the same time', async () => {
    const { orderId, email } = await buy()
    const responses = await Promise.all([1, 2, 3, 4, 5].map(() => resend(orderId)))
    expect(tally(responses)).toEqual({ 202: 3, '429 RATE_LIMITED': 2 })
    const refused = responses.find(({ status }) => status === 429)
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(3_500)
    expect(await mailsTo(email)).toHaveLength(4)
    const clock = sales.service.app.get(Clock)
    const now = clock.now.bind(clock)
    try {
      sales.setClock(() => new Date(now().getTime() + 3_700_000))
      expect((await resend(orderId, sales.operator)).status).toBe(202)
    } finally {
      sales.setClock(now)
    }
  })

  it('that others have are sent to them, for staff only', async () => {
    const { orderId, email, tickets } = await buy(2)
    const [other] = [`${newId('bo')}@example.com`]
    expect((await give(tickets[0]?.id ?? '', other ?? '')).status).toBe(200)
    const { code } = await sales.prisma.ticket.findUniqueOrThrow({ where: { id: tickets[0]?.id ?? '' } })
    expect((await resend(orderId)).body.mails).toBe(1)
    expect(await mailsTo(other ?? '')).toHaveLength(1)
    const own = (await mailsTo(email)).findLast(({ kind }) => kind === 'TICKETS')
    expect(own?.text).toContain(tickets[1]?.code)
    for (const secret of [code ?? '', tickets[0]?.code ?? '']) expect(own?.text).not.toContain(secret)
    expect((await resend(orderId, sales.operator)).body.mails).toBe(2)
    expect((await mailsTo(other ?? '')).map(({ kind }) => kind)).toEqual(['TICKET_RECEIVED', 'TICKET_RECEIVED'])
    await give(tickets[1]?.id ?? '', other ?? '')
    expect(await resend(orderId)).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } })
  })

  it('are not sent once the order is cancelled, or its buyer erased', async () => {
    const [cancelled, erased] = [await buy(), await buy()]
    const path = `/orders/${cancelled.orderId}/cancel`
    await sales.service.call('POST', path, { token: sales.operator.token, body: { reason: 'By phone' } })
    expect(await resend(cancelled.orderId)).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } })
    await sales.prisma.order.update({ where: { id: erased.orderId }, data: { buyerName: null, buyerEmail: null } })
    expect(await resend(erased.orderId)).toMatchObject({ status: 409, body: { code: 'NOT_COMPOSABLE' } })
  })
})
