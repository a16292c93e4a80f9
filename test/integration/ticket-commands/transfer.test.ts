import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Mail } from '../../../src/generated/prisma/client.js'
import { Retention } from '../../../src/accounts/personal-data/retention.js'
import { MailJobs } from '../../../src/infrastructure/mail/mail-jobs.js'
import { doorLock } from '../../../src/door/door-lock.js'
import { Transactions } from '../../../src/infrastructure/transactions.js'
import { MailComposer } from '../../../src/mails/mail-composer.js'
import { filesOf } from '../../support/files/mail-files.js'
import { readPdf } from '../../support/files/pdf-reader.js'
import { Sales, tally, type Person, type Ticket } from '../../support/fixtures/sales.js'
import { SmtpServer } from '../../support/servers/smtp.js'
import type { ApiResponse } from '../../support/service/app.js'
import { until } from '../../support/service/test-system.js'

let smtp: SmtpServer
let sales: Sales
let buyer: Person
let eventId: string

beforeAll(async () => {
  smtp = await SmtpServer.start()
  sales = await Sales.start({ env: { SMTP_URL: smtp.url, MAIL_FROM: 'tickets@example.com' } })
})
afterAll(async () => {
  await sales?.stop()
  await smtp?.stop()
})
beforeEach(async () => {
  buyer = await sales.buyer()
  eventId = await sales.event()
})

interface Transfer {
  id: string
  name: string
  email: string
  transferredAt: string | null
  code?: string
  detail?: string
}

const call = <T>(method: 'GET' | 'POST' | 'DELETE', path: string, by: Person, body?: object) =>
  sales.service.call<T>(method, path, { token: by.token, ...(body && { body }) })
const transfer = (id: string, body: object, by: Person = buyer) =>
  call<Transfer>('POST', `/tickets/${id}/transfer`, by, body)
const scan = (code: string) =>
  call<{ name: string; first: boolean; code?: string; detail?: string }>(
    'POST',
    `/events/${eventId}/check-ins`,
    sales.operator,
    { code },
  )
const BO = { name: 'Bo Holder', email: 'Bo@example.com' }
const STAFF = { ...BO, reason: 'Wrote a mail' }

async function buy(quantity = 1, fields: object = {}): Promise<[Ticket, ...Ticket[]]> {
  const { id } = await sales.createHold(eventId, { quantity, ...fields }, buyer)
  const { body } = await sales.confirm(id, { by: buyer, body: { buyer: { name: 'Jane', email: buyer.email } } })
  return body.tickets as [Ticket, ...Ticket[]]
}
const codeOf = async (id: string) => (await sales.prisma.ticket.findUniqueOrThrow({ where: { id } })).code ?? ''
const mailsTo = (recipient: string) => sales.prisma.mail.findMany({ where: { recipient }, orderBy: { id: 'asc' } })
const movements = () => sales.prisma.stockMovement.count({ where: { eventId } })
const proofEntries = () => sales.prisma.proofEntry.count({ where: { eventId } })

describe('A ticket that is given to another person', () => {
  it('has a new code, and the old one is refused at the door at once', async () => {
    const [ticket, kept] = await buy(2)
    const before = [await movements(), await proofEntries()]
    const { status, body } = await transfer(ticket.id, BO)
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body).toMatchObject({ id: ticket.id, eventId, name: 'Bo Holder', email: 'bo@example.com' })
    expect(body).not.toHaveProperty('code')
    const code = await codeOf(ticket.id)
    expect(code).toMatch(/^[\w-]{24}$/)
    expect(code).not.toBe(ticket.code)
    expect(await scan(ticket.code)).toMatchObject({
      status: 409,
      body: { code: 'STATE_CONFLICT', detail: expect.stringContaining('transferred to another person') },
    })
    expect((await scan(code)).body).toMatchObject({ name: 'Bo Holder', first: true })
    expect((await scan(kept?.code ?? '')).body).toMatchObject({ name: 'Jane', first: true })
    const page = await sales.service.call('GET', '/tickets/by-code/qr.svg', {
      headers: { 'x-ticket-code': ticket.code },
    })
    expect(page).toMatchObject({ status: 409, body: { detail: expect.stringContaining('transferred') } })
    // No unit moves, and the proof has no line of it.
    expect([await movements(), await proofEntries()]).toEqual(before)
    await sales.expectSound(eventId)
  })

  it('is on the line of its order and the new name at the door, which is that of the others if the name is the same', async () => {
    const [given, kept, other] = await buy(3)
    await transfer(given.id, { name: 'Jane', email: 'another.jane@example.com' })
    await transfer(other?.id ?? '', BO)
    interface Line {
      id: string
      name: string
      tickets: { id: string; code: string }[]
    }
    const { body } = await call<{ items: Line[] }>('GET', `/events/${eventId}/door/list`, sales.operator)
    const lines = body.items.map(({ name, tickets }) => [name, tickets.map(({ id }) => id).toSorted()])
    expect(lines).toEqual([
      ['Bo Holder', [other?.id]],
      ['Jane', [given.id, kept?.id ?? ''].toSorted()],
    ])
    // Each with its own code: that of the former holder is refused, and takes no ticket of the line.
    const codes = body.items[1]?.tickets.map(({ code }) => code)
    expect(codes).not.toContain(given.code)
    expect(await scan(given.code)).toMatchObject({ status: 409 })
    for (const code of codes ?? []) expect((await scan(code)).body).toMatchObject({ name: 'Jane', first: true })
  })

  it('is mailed to the new holder with its files, and the former one gets a mail', async () => {
    const [ticket] = await buy()
    await transfer(ticket.id, { ...BO, email: 'mailed@example.com' })
    const code = await codeOf(ticket.id)
    const [received] = await mailsTo('mailed@example.com')
    expect(received).toMatchObject({ kind: 'TICKET_RECEIVED' })
    expect(received?.text).toContain(`/ticket#${code}`)
    const given = (await mailsTo(buyer.email)).find(({ kind }) => kind === 'TICKET_GIVEN')
    expect(given?.text).toContain('now belongs to another person')
    for (const secret of [code, 'Bo Holder', 'mailed@']) expect(given?.text).not.toContain(secret)
    await sales.service.app.get(MailJobs).send(received?.id ?? '')
    const files = filesOf(smtp.mails.find(({ to }) => to === 'mailed@example.com')?.raw ?? '')
    expect(files.map(({ name }) => name)).toEqual(['tickets.pdf', 'event.ics'])
    const texts = readPdf(files[0]?.content ?? Buffer.from('')).flatMap((page) => page.texts)
    expect(texts).toEqual(expect.arrayContaining(['Bo Holder', code]))
    // A ticket mail of the buyer that is sent later has no file of it any more.
    const [first] = (await mailsTo(buyer.email)).filter(({ kind }) => kind === 'TICKETS')
    await sales.service.app.get(MailJobs).send(first?.id ?? '')
    expect(filesOf(smtp.mails.find(({ to }) => to === buyer.email)?.raw ?? '')).toEqual([])
  })

  it('is no longer shown with its code to the buyer, but to the account of the new holder', async () => {
    const [ticket] = await buy()
    const holder = await sales.buyer()
    await transfer(ticket.id, { name: 'New', email: holder.email.toUpperCase() })
    const code = await codeOf(ticket.id)
    const list = async (by: Person) => (await call<{ items: Transfer[] }>('GET', '/tickets', by)).body.items
    expect(await list(buyer)).toMatchObject([{ id: ticket.id, code: null, transferredAt: expect.any(String) }])
    expect(await list(holder)).toMatchObject([{ id: ticket.id, code }])
    const qr = async (by: Person) => (await call('GET', `/tickets/${ticket.id}/qr.svg`, by)).status
    expect([await qr(buyer), await qr(holder), await qr(sales.operator)]).toEqual([404, 200, 200])
    const { orderId } = await sales.prisma.ticket.findUniqueOrThrow({ where: { id: ticket.id } })
    const { id } = await sales.prisma.hold.findFirstOrThrow({ where: { orderId } })
    expect((await sales.get(id, buyer)).body.tickets).toEqual([])
    // An address that is not proved to be the account's gives no access to tickets for it.
    await sales.prisma.user.update({ where: { id: holder.id }, data: { emailVerifiedAt: null } })
    expect([await qr(holder), (await list(holder)).length]).toEqual([404, 0])
  })

  it('can be given on by the new holder, and not by the former ones', async () => {
    const [ticket] = await buy()
    const holder = await sales.buyer()
    await transfer(ticket.id, { name: 'New', email: holder.email })
    const second = await codeOf(ticket.id)
    expect((await transfer(ticket.id, { name: 'Third', email: 'third@example.com' })).status).toBe(409)
    expect((await transfer(ticket.id, { name: 'Third', email: 'third@example.com' }, holder)).status).toBe(200)
    expect((await transfer(ticket.id, { name: 'Fourth', email: 'fourth@example.com' }, holder)).status).toBe(409)
    for (const code of [ticket.code, second]) expect((await scan(code)).status).toBe(409)
    expect((await scan(await codeOf(ticket.id))).body).toMatchObject({ name: 'Third' })
  })

  it('is with the new holder in the list, the file, the search for duplicates, the export and the erasure', async () => {
    const [ticket] = await buy()
    await transfer(ticket.id, { name: 'Bo Holder', email: 'erased@example.com' })
    type List = { items: { name: string; email: string; duplicateOf: string | null }[] }
    const list = async () => (await call<List>('GET', `/events/${eventId}/attendees`, sales.operator)).body.items
    expect(await list()).toMatchObject([{ name: 'Bo Holder', email: 'erased@example.com' }])
    const csv = (await call<string>('GET', `/events/${eventId}/attendees.csv`, sales.operator)).body
    expect(csv).toContain('Bo Holder,erased@example.com')
    expect(csv).not.toContain('Jane')
    type Person_ = { attendances: { ticketId: string }[] }
    const person = async (email: string) =>
      (await call<Person_>('GET', `/people?email=${encodeURIComponent(email)}`, sales.admin)).body.attendances
    expect(await person('erased@example.com')).toMatchObject([{ ticketId: ticket.id }])
    expect(await person(buyer.email)).toEqual([])
    await call('DELETE', '/people?email=erased%40example.com', sales.admin)
    expect(await list()).toMatchObject([{ name: null, email: null }])
    const stored = JSON.stringify([
      await sales.prisma.ticket.findMany({ where: { id: ticket.id } }),
      await sales.prisma.ticketTransfer.findMany({ where: { ticketId: ticket.id } }),
      await sales.prisma.auditEntry.findMany({ where: { subject: ticket.id }, select: { before: true, after: true } }),
      await mailsTo('erased@example.com'),
      await mailsTo(buyer.email),
    ])
    expect(stored).not.toMatch(/erased@example|Bo Holder/)
  })

  it('loses the new holder with the personal data of old events', async () => {
    const [ticket] = await buy()
    await transfer(ticket.id, BO)
    const endsAt = new Date(Date.now() - 100 * 86_400_000)
    await sales.prisma.event.update({ where: { id: eventId }, data: { startsAt: endsAt, endsAt } })
    await sales.service.app.get(Retention).erase()
    const row = await sales.prisma.ticket.findUniqueOrThrow({ where: { id: ticket.id } })
    expect([row.holderName, row.holderEmail]).toEqual([null, null])
  })

  it('is composed again for the present holder only', async () => {
    const [ticket] = await buy()
    await transfer(ticket.id, { name: 'One', email: 'one@example.com' })
    await transfer(ticket.id, { name: 'Two', email: 'two@example.com', reason: 'x' }, sales.operator)
    const [[first], [second]] = [await mailsTo('one@example.com'), await mailsTo('two@example.com')]
    const composer = sales.service.app.get(MailComposer)
    await expect(composer.compose('TICKET_RECEIVED', first?.about ?? '')).rejects.toThrow('another person')
    const { recipient, text, subject } = await composer.compose('TICKET_RECEIVED', second?.about ?? '')
    expect({ recipient, text, subject }).toEqual({
      recipient: second?.recipient,
      text: second?.text,
      subject: second?.subject,
    })
    await expect(composer.compose('TICKETS', (await orderOf(ticket.id)) ?? '')).rejects.toThrow('Others have')
  })
})

const orderOf = async (id: string) => (await sales.prisma.ticket.findUnique({ where: { id } }))?.orderId

describe('The cancellation of the order', () => {
  it('is mailed to the new holders of its tickets too, and composed again for them', async () => {
    const [given, other] = await buy(3)
    await transfer(given.id, { name: 'Bo', email: 'ended@example.com' })
    await transfer(other?.id ?? '', { name: 'Ann', email: 'ended2@example.com' })
    const reason = 'The hall burned down'
    await call('POST', `/orders/${await orderOf(given.id)}/cancel`, sales.operator, { reason })
    const [, mail] = await mailsTo('ended@example.com')
    expect(mail).toMatchObject({ kind: 'TICKET_CANCELLED', about: given.id, text: expect.stringContaining(reason) })
    expect((await mailsTo('ended2@example.com')).map(({ kind }) => kind)).toEqual([
      'TICKET_RECEIVED',
      'TICKET_CANCELLED',
    ])
    const toBuyer = (await mailsTo(buyer.email)).filter(({ kind }) => kind === 'ORDER_CANCELLED')
    expect(toBuyer).toHaveLength(1)
    const { recipient, subject, text } = mail as Mail
    expect(await sales.service.app.get(MailComposer).compose('TICKET_CANCELLED', given.id)).toMatchObject({
      recipient,
      subject,
      text,
    })
  })
})

describe('A ticket is not given to others', () => {
  it('by others, without a reason of staff, or with bad fields', async () => {
    const [ticket] = await buy()
    expect((await transfer(ticket.id, BO, await sales.buyer())).status).toBe(404)
    expect((await transfer('tkt_unknown', BO)).status).toBe(404)
    expect((await transfer(ticket.id, STAFF, await sales.staff('VIEWER'))).status).toBe(403)
    expect((await transfer(ticket.id, STAFF, await sales.staff('DOOR'))).status).toBe(403)
    for (const body of [{}, { name: 'Bo' }, { ...BO, email: 'x' }, { ...BO, name: 'a\nb' }, { ...BO, extra: 1 }])
      expect((await transfer(ticket.id, body)).status).toBe(400)
    const refused = await transfer(ticket.id, BO, sales.operator)
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'reason' }] } })
    expect((await transfer(ticket.id, STAFF, sales.operator)).status).toBe(200)
    const [entry] = await sales.prisma.auditEntry.findMany({ where: { subject: ticket.id, action: 'ticket.transfer' } })
    expect(entry).toMatchObject({ actorId: sales.operator.id, after: { reason: 'Wrote a mail' } })
  })

  it('after it was checked in, until that is taken back', async () => {
    const [ticket] = await buy()
    await scan(ticket.code)
    expect(await transfer(ticket.id, BO)).toMatchObject({ status: 409, body: { detail: 'The ticket is checked in.' } })
    await call('DELETE', `/check-ins/${ticket.id}`, sales.operator)
    expect((await transfer(ticket.id, BO)).status).toBe(200)
  })

  it('of a cancelled order, or after the end of the event', async () => {
    const [[cancelled], [late]] = [await buy(), await buy()]
    await call('POST', `/orders/${await orderOf(cancelled.id)}/cancel`, sales.operator, { reason: 'By phone' })
    expect(await transfer(cancelled.id, BO)).toMatchObject({
      status: 409,
      body: { detail: 'The ticket is cancelled.' },
    })
    const startsAt = new Date(Date.now() - 3_600_000)
    await sales.prisma.event.update({ where: { id: eventId }, data: { startsAt, endsAt: null } })
    await sales.prisma.event.update({ where: { id: eventId }, data: { endsAt: new Date(Date.now() - 1_000) } })
    expect(await transfer(late.id, STAFF, sales.operator)).toMatchObject({
      status: 409,
      body: { detail: 'The event is over.' },
    })
  })

  it('more than ten times in an hour by a customer, and in a day to one address', async () => {
    const tickets = await buy(12)
    const each = async (index: number, email: string, by: Person = buyer) =>
      transfer(tickets[index]?.id ?? '', { name: 'Bo', email, ...(by === buyer ? {} : { reason: 'x' }) }, by)
    for (let index = 0; index < 10; index++) expect((await each(index, 'many@example.com')).status).toBe(200)
    const limited = await each(10, 'other@example.com')
    expect(limited).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } })
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(3_000)
    const [from, to] = [buyer, await sales.buyer()]
    buyer = to
    const [own] = await buy()
    expect((await transfer(own.id, { name: 'Bo', email: 'many@example.com' })).status).toBe(429)
    expect((await transfer(own.id, { name: 'Bo', email: 'few@example.com' })).status).toBe(200)
    buyer = from
    expect((await each(11, 'many@example.com', sales.operator)).status).toBe(200)
  })
})

/** Sends requests that all wait for the door of the event before the first of them is applied. */
async function atOnce<T>(requests: readonly (() => Promise<T>)[]): Promise<T[]> {
  const transactions = sales.service.app.get(Transactions)
  const { responses } = await transactions.run(async (transaction) => {
    await transactions.lock(transaction, [doorLock(eventId)], 5_000)
    const sent = Promise.all(requests.map((send) => send()))
    await until(async () => {
      const [row] = await sales.prisma.$queryRaw<{ waiting: bigint }[]>`
        SELECT count(*) AS waiting FROM pg_locks JOIN pg_database d ON d.oid = database
        WHERE locktype = 'advisory' AND NOT granted AND d.datname = current_database()`
      expect(Number(row?.waiting)).toBe(requests.length)
    })
    return { responses: sent }
  })
  return responses
}

describe('Requests at the same time', () => {
  it('for the same person give the ticket once', async () => {
    const [ticket] = await buy()
    const responses = await Promise.all([1, 2, 3].map(() => transfer(ticket.id, { ...BO, email: 'once@example.com' })))
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(new Set(responses.map(({ body }) => body.transferredAt)).size).toBe(1)
    expect(await sales.prisma.ticketTransfer.count({ where: { ticketId: ticket.id } })).toBe(1)
    expect(await mailsTo('once@example.com')).toHaveLength(1)
  })

  it.each(['the buyer', 'staff'])('of %s for different people give it to one of them', async (who) => {
    const [ticket] = await buy()
    const by = who === 'staff' ? sales.operator : buyer
    const people = [1, 2, 3, 4].map((n) => ({ name: `Bo ${n}`, email: `bo${n}-${ticket.id}@example.com`, reason: 'x' }))
    const responses = await atOnce(people.map((person) => () => transfer(ticket.id, person, by)))
    expect(tally(responses)).toEqual({ 200: 1, '409 STATE_CONFLICT': 3 })
    const row = await sales.prisma.ticket.findUniqueOrThrow({ where: { id: ticket.id } })
    const winner = responses.find(({ status }) => status === 200)
    expect(row.holderEmail).toBe(winner?.body.email)
    const mails = await sales.prisma.mail.count({
      where: { kind: 'TICKET_RECEIVED', recipient: { contains: ticket.id } },
    })
    expect(mails).toBe(1)
  })

  it('with check-ins by the old code: it is checked in, or has a new code', async () => {
    for (const ticket of await buy(8)) {
      const responses = await atOnce<ApiResponse<{ code?: string }>>([
        () => transfer(ticket.id, { ...STAFF, email: 'race@example.com' }, sales.operator),
        () => scan(ticket.code),
      ])
      expect(tally(responses)).toEqual({ 200: 1, '409 STATE_CONFLICT': 1 })
    }
  })

  it('with the cancellation of the order leave no valid ticket', async () => {
    const [ticket] = await buy()
    const orderId = await orderOf(ticket.id)
    const [given] = await Promise.all([
      transfer(ticket.id, BO),
      call('POST', `/orders/${orderId}/cancel`, sales.operator, { reason: 'By phone' }),
    ])
    expect([200, 409]).toContain(given.status)
    expect((await scan(await codeOf(ticket.id))).status).toBe(409)
    await sales.expectSound(eventId)
  })
})
