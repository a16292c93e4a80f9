import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Retention } from '../../../src/accounts/personal-data/retention.js'
import { MailOutbox } from '../../../src/infrastructure/mail/mail-outbox.js'
import { NO_NAME } from '../../../src/domain/people/name-key.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { ERASED } from '../../../src/infrastructure/text/erased.js'
import { OrderApplier } from '../../../src/orders/order-applier.js'
import type { ObservedOrder } from '../../../src/orders/observed-order.js'
import { Sales } from '../../support/fixtures/sales.js'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'

const LUMA = environmentConnectionId('LUMA')

const DAY_MS = 86_400_000

let sales: Sales

beforeAll(async () => {
  sales = await Sales.start()
})

afterAll(() => sales?.stop())

let addresses = 0
const join = (eventId: string, email: string) =>
  sales.service.call<{ id: string }>('POST', `/events/${eventId}/waitlist`, {
    body: { name: 'Eve Person', email, quantity: 1 },
    ip: `10.11.0.${addresses++}`,
  })

/** Platforms can sell the ten tickets of the safety stock. */
const eventWithSafetyStock = () => sales.event({ safetyStockRatio: 0.1 })

/** A customer with an order, a waitlist entry and a failed delivery. */
async function person(email: string) {
  const eventId = await eventWithSafetyStock()
  const { id } = await sales.createHold(eventId, { quantity: 2 })
  const buyer = { name: 'Eve Person', email }
  expect((await sales.confirm(id, { body: { buyer } })).status).toBe(200)
  const entry = (await join(eventId, email.toUpperCase())).body
  await delivery(`{"data":{"user_email":"${email}"}}`)
  return { eventId, entry }
}

/** Applies an order of two tickets on Luma as often as it is called, as the platform shows it then. */
async function platformOrder(eventId: string, email: string, holderEmail = email) {
  const channelId = newId('chn')
  await sales.prisma.channel.create({
    data: { id: channelId, eventId, platform: 'LUMA', connectionId: LUMA, externalEventId: channelId, weight: 0 },
  })
  let reads = 0
  return async (tickets: 'live' | 'cancelled', name = 'Eve Person') => {
    const version = new Date(Date.now() - 60_000 + 1_000 * reads++).toISOString()
    const ids = ['t1', 't2'].map((id) => ({ ticketId: `${channelId}-${id}`, live: tickets === 'live' }))
    const observed: ObservedOrder = {
      channelId,
      platform: 'LUMA',
      ticketClassId: null,
      snapshot: {
        orderId: `${channelId}-order`,
        externalEventId: channelId,
        version,
        versionIsReadTime: true,
        complete: true,
        tickets: ids.map((ticket) => {
          const details = {
            holder: { name, email: holderEmail },
            ticketType: 'Standard',
            code: 'luma-code',
            checkedInAt: null,
          }
          return { ...ticket, ticketClassId: null, details }
        }),
        buyer: { name, email },
        placedAt: new Date('2026-11-01T10:00:00.000Z'),
      },
    }
    const [applied] = await sales.service.app.get(OrderApplier, { strict: false }).apply(eventId, [observed])
    return applied
  }
}

async function delivery(body: string, receivedAt = new Date()): Promise<string> {
  const id = newId('dlv')
  const data = {
    id,
    platform: 'LUMA',
    connectionId: LUMA,
    state: 'FAILED',
    reason: 'x',
    headers: {},
    receivedAt,
  } as const
  await sales.prisma.webhookDelivery.create({ data: { ...data, body: new Uint8Array(Buffer.from(body)) } })
  return id
}

const people = (method: 'GET' | 'DELETE', email: string, token = sales.admin.token) =>
  sales.service.call<{
    id: string
    code?: string
    erased: object
    platforms: string[]
    account: { id: string } | null
    orders: { tickets: object[] }[]
    waitlistEntries: { id: string }[]
  }>(method, `/people?email=${encodeURIComponent(email)}`, { token })

/** Every text column of the database that contains this address or name. */
async function tablesWith(text: string): Promise<string[]> {
  const columns = await sales.prisma.$queryRaw<{ table: string; column: string; type: string }[]>`
    SELECT table_name AS "table", column_name AS "column", data_type AS type FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type IN ('text', 'jsonb', 'bytea')`
  const found: string[] = []
  for (const { table, column, type } of columns) {
    const value = type === 'bytea' ? `encode("${column}", 'escape')` : `"${column}"::text`
    const [row] = await sales.prisma.$queryRawUnsafe<{ found: boolean }[]>(
      `SELECT EXISTS (SELECT 1 FROM "${table}" WHERE ${value} ILIKE $1) AS found`,
      `%${text}%`,
    )
    if (row?.found) found.push(`${table}.${column}`)
  }
  return found
}

describe('The personal data of a person', () => {
  it('is exported and erased by an admin, with a receipt, from every table', async () => {
    const customer = await sales.buyer()
    const { email } = customer
    const { eventId, entry } = await person(email)
    const other = await person('other@example.org')
    expect((await tablesWith(email)).length).toBeGreaterThan(4)
    for (const { token } of [sales.operator, customer]) {
      expect((await people('GET', email, token)).status).toBe(403)
      expect((await people('DELETE', email, token)).status).toBe(403)
    }
    const exported = await people('GET', email.toUpperCase())
    expect(exported.body).toMatchObject({
      email,
      account: { id: customer.id, role: 'CUSTOMER' },
      sessions: [{ ip: expect.any(String) }],
      orders: [{ eventId, name: 'Eve Person', tickets: [{ state: 'VALID' }, { state: 'VALID' }] }],
      waitlistEntries: [{ id: entry.id, name: 'Eve Person' }],
    })
    const receipt = await people('DELETE', email)
    expect([receipt.status, receipt.body]).toMatchObject([
      200,
      {
        id: expect.stringMatching(/^era_/),
        erased: { orders: 1, payments: 0, waitlistEntries: 1, accounts: 1, sessions: 1, deliveries: 1 },
        platforms: [],
      },
    ])
    expect(await tablesWith(email)).toEqual([])
    expect((await sales.service.call('GET', '/auth/sessions', { token: customer.token })).status).toBe(401)
    expect((await people('DELETE', email)).body.erased).toMatchObject({ orders: 0, accounts: 0 })
    expect((await people('GET', email)).body).toMatchObject({ account: null, orders: [], waitlistEntries: [] })
    expect(await sales.prisma.auditEntry.count({ where: { action: 'person.erase', subject: receipt.body.id } })).toBe(1)
    expect(await sales.prisma.ticket.count({ where: { eventId, state: 'VALID' } })).toBe(2)
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:DIRECT': 2 })
    expect((await people('GET', 'other@example.org')).body.waitlistEntries).toMatchObject([{ id: other.entry.id }])
  })

  it("of a platform's buyer stays erased when the order is read again", async () => {
    const email = 'luma.buyer@example.org'
    const eventId = await eventWithSafetyStock()
    const read = await platformOrder(eventId, email)
    await read('live')
    expect((await tablesWith(email)).toSorted()).toEqual(['orders.buyer_email', 'tickets.holder_email'])
    expect((await people('GET', email)).body).toMatchObject({
      attendances: [
        { eventId, platform: 'LUMA', name: 'Eve Person', ticketType: 'Standard', code: 'luma-code' },
        { checkedInAt: null },
      ],
    })
    const receipt = await people('DELETE', email)
    expect(receipt.body).toMatchObject({ erased: { orders: 1, tickets: 2 }, platforms: ['LUMA'] })
    expect(await read('live')).toMatchObject({ changed: false, delta: 0 })
    await read('live', 'Eve Renamed')
    expect(await tablesWith('Eve Renamed')).toEqual([])
    expect(await sales.expectSound(eventId)).toMatchObject({ 'SOLD:LUMA': 2 })
    expect(await read('cancelled')).toMatchObject({ changed: true, delta: -2 })
    expect(await tablesWith(email)).toEqual([])
    expect(await sales.prisma.ticket.findMany({ where: { eventId }, select: { holderKey: true } })).toEqual([
      { holderKey: NO_NAME },
      { holderKey: NO_NAME },
    ])
    expect(await sales.prisma.order.findFirstOrThrow({ where: { eventId } })).toMatchObject({
      state: 'CANCELLED',
      buyerErasedAt: expect.any(Date),
    })
    const balances = await sales.expectSound(eventId)
    expect(balances['SOLD:LUMA'] ?? 0).toBe(0)
    // A later order of the same person is a new sale.
    await (
      await platformOrder(await eventWithSafetyStock(), email)
    )('live')
    expect((await tablesWith(email)).toSorted()).toEqual(['orders.buyer_email', 'tickets.holder_email'])
    await people('DELETE', email)
  })

  it('of the holder of a ticket that another person bought is erased without the buyer', async () => {
    const eventId = await eventWithSafetyStock()
    await (
      await platformOrder(eventId, 'buyer@example.org', 'guest@example.org')
    )('live', 'Gil Guest')
    const receipt = await people('DELETE', 'guest@example.org')
    expect(receipt.body).toMatchObject({ erased: { orders: 0, tickets: 2 }, platforms: ['LUMA'] })
    expect(await tablesWith('guest@example.org')).toEqual([])
    expect(await sales.prisma.order.findFirstOrThrow({ where: { eventId } })).toMatchObject({
      buyerEmail: 'buyer@example.org',
    })
  })

  it('is kept while a hold, an offer or a payment is open, and of staff', async () => {
    const email = 'waiting@example.org'
    const eventId = await sales.event()
    const entry = (await join(eventId, email)).body
    const { token } = sales.operator
    expect((await sales.service.call('POST', `/waitlist/${entry.id}/offer`, { token })).status).toBe(201)
    const customer = await sales.buyer()
    await sales.service.call('POST', `/events/${eventId}/holds`, {
      token: customer.token,
      body: { quantity: 1 },
      headers: { 'idempotency-key': 'kept' },
    })
    for (const address of [email, customer.email, sales.operator.email, sales.admin.email])
      expect((await people('DELETE', address)).body.code).toBe('STATE_CONFLICT')
    expect((await people('DELETE', 'none')).status).toBe(400)
    expect(await sales.prisma.waitlistEntry.findUniqueOrThrow({ where: { id: entry.id } })).toMatchObject({ email })
  })

  it('of past events, and old deliveries, are erased after RETENTION_DAYS', async () => {
    const [past, recent] = [await person('past@example.org'), await person('recent@example.org')]
    const ended = (days: number) => new Date(Date.now() - days * DAY_MS)
    const end = (eventId: string, at: Date) =>
      sales.prisma.event.update({ where: { id: eventId }, data: { startsAt: at, endsAt: at } })
    await end(past.eventId, ended(91))
    await end(recent.eventId, ended(89))
    const [old, young] = [await delivery('{}', ended(91)), await delivery('{}', ended(89))]
    await sales.prisma.webhookDelivery.deleteMany({ where: { id: { notIn: [old, young] } } })
    const inbox = {
      platform: 'LUMA',
      connectionId: LUMA,
      headers: {},
      body: new Uint8Array(),
      receivedAt: ended(91),
    } as const
    await sales.prisma.inboxEntry.create({ data: { ...inbox, deliveryId: 'drained', drainedAt: ended(91) } })
    await sales.prisma.inboxEntry.create({ data: { ...inbox, deliveryId: 'waiting' } })
    await sales.prisma.mail.deleteMany()
    // Events are read for a while after their end, and longer than a short RETENTION_DAYS.
    const read = await platformOrder(past.eventId, 'past@example.org')
    await read('live')
    await sales.service.app.get(Retention).erase()
    expect(await tablesWith('past@example.org')).toEqual([])
    await read('live')
    expect(await tablesWith('past@example.org')).toEqual([])
    const shown = { eventId: past.eventId, externalCode: { not: null } }
    expect(await sales.prisma.ticket.count({ where: shown })).toBe(0)
    expect(await tablesWith('recent@example.org')).toEqual(expect.arrayContaining(['orders.buyer_email']))
    expect(await sales.prisma.webhookDelivery.findMany({ select: { id: true } })).toEqual([{ id: young }])
    expect(await sales.prisma.inboxEntry.findMany({ select: { deliveryId: true } })).toEqual([
      { deliveryId: 'waiting' },
    ])
    expect(await sales.prisma.ticket.count({ where: { eventId: past.eventId, state: 'VALID' } })).toBe(4)
    await sales.expectSound(past.eventId)
  })

  it('that was erased gets no mail', async () => {
    const mail = { kind: 'TICKETS', about: 'ord_x', recipient: ERASED, subject: 's', text: 't' } as const
    await sales.service.app.get(MailOutbox).put(null, [mail])
    expect(await sales.prisma.mail.count({ where: { recipient: ERASED } })).toBe(0)
  })
})
