import { getQueueToken } from '@nestjs/bullmq'
import type { Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Mail } from '../../src/generated/prisma/client.js'
import { BackgroundTasks } from '../../src/infrastructure/background/background-tasks.js'
import { newId } from '../../src/infrastructure/ids.js'
import { MailJobs } from '../../src/infrastructure/mail/mail-jobs.js'
import type { MailKind } from '../../src/infrastructure/mail/mail-outbox.js'
import { QUEUES } from '../../src/infrastructure/queues/queue-names.js'
import type { MailDto } from '../../src/mails/mails.dto.js'
import { movedToWaitlistMail } from '../../src/oversold/moved-to-waitlist-mail.js'
import { PaymentWorker } from '../../src/payments/processing/payment-worker.js'
import { Sales } from '../support/fixtures/sales.js'
import { SmtpServer } from '../support/servers/smtp.js'
import { until } from '../support/service/test-system.js'
import { environmentConnectionId } from '../../src/domain/connection-record.js'

let smtp: SmtpServer
let sales: Sales

beforeAll(async () => {
  smtp = await SmtpServer.start()
  sales = await Sales.start({ env: { SMTP_URL: smtp.url, MAIL_FROM: 'tickets@example.com' } })
  sales.service.app.get(BackgroundTasks).start(PaymentWorker)
})

afterAll(async () => {
  await sales?.stop()
  await smtp?.stop()
})

const PRICED = { priceCents: 1_500, currency: 'EUR' }
const newAddress = () => `${newId('jane')}@example.com`
const call = <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object, token = sales.admin.token) =>
  sales.service.call<T>(method, path, { token, ...(body && { body }) })
const listed = async (query = '') => (await call<{ items: MailDto[] }>('GET', `/system/mails?limit=100${query}`)).body
const retry = (id: string) => call<MailDto & { code?: string; detail?: string }>('POST', `/system/mails/${id}/retry`)

/** The newest mail of this kind to the address. */
const mailTo = (recipient: string, kind: string) =>
  until(() => sales.prisma.mail.findFirstOrThrow({ where: { recipient, kind }, orderBy: { id: 'desc' } }))

/** As the last attempt leaves it. */
async function fail(id: string): Promise<void> {
  const erased = { failedAt: new Date(), failure: '550 no', recipient: null, subject: null, text: null }
  await sales.prisma.mail.update({ where: { id }, data: erased })
}

/** A confirmed hold for a buyer with this address. */
async function buy(email: string, fields: object = {}, payment?: object): Promise<{ id: string; eventId: string }> {
  const { id, eventId } = await sales.createHold(await sales.event(fields), { quantity: 2 })
  await sales.confirm(id, { body: { buyer: { name: 'Jane', email }, ...(payment && { payment }) } })
  return { id, eventId }
}

async function cancel(holdId: string): Promise<void> {
  const { orderId } = await until(() =>
    sales.prisma.hold.findFirstOrThrow({ where: { id: holdId, state: 'CONFIRMED' } }),
  )
  expect((await call('POST', `/orders/${orderId}/cancel`, { reason: 'The hall burned down' })).status).toBe(200)
}

async function join(email: string, eventId: string): Promise<string> {
  const body = { name: 'Jane', email, quantity: 1 }
  const entry = await call<{ id: string }>('POST', `/events/${eventId}/waitlist`, body)
  expect(entry.status).toBe(201)
  return entry.body.id
}

async function offerTo(email: string): Promise<string> {
  const id = await join(email, await sales.event())
  await sales.prisma.waitlistEntry.update({ where: { id }, data: { verifiedAt: new Date() } })
  expect((await call('POST', `/waitlist/${id}/offer`, {})).status).toBe(201)
  return id
}

/** An order that was moved to the waitlist of its platform. */
async function movedTo(email: string): Promise<void> {
  const event = await sales.prisma.event.findUniqueOrThrow({ where: { id: await sales.event() } })
  const order = { id: newId('ord'), buyerName: 'Jane', buyerEmail: email }
  const listing = { eventId: event.id, platform: 'LUMA' } as const
  const channelId = newId('chn')
  const connectionId = environmentConnectionId('LUMA')
  await sales.prisma.channel.create({ data: { ...listing, connectionId, id: channelId, externalEventId: channelId } })
  const rest = {
    ...listing,
    channelId,
    externalOrderId: 'gst-1',
    state: 'CANCELLED',
    quantity: 0,
    version: '',
  } as const
  await sales.prisma.order.create({ data: { ...order, ...rest } })
  await sales.prisma.mail.create({ data: { ...movedToWaitlistMail(event, order), id: newId('mail') } })
}

/** What the recipient reads. */
const contentOf = ({ recipient, subject, text }: Mail) => ({ recipient, subject, text })

describe('A mail that cannot be sent is composed again as it was', () => {
  it.each<[kind: MailKind, cause: (email: string) => Promise<unknown>]>([
    ['TICKETS', (email) => buy(email)],
    ['TICKETS', (email) => buy(email, PRICED, { token: 'tok_visa' })],
    ['ORDER_CANCELLED', async (email) => cancel((await buy(email)).id)],
    ['ORDER_CANCELLED', async (email) => cancel((await buy(email, PRICED, { token: 'tok_visa' })).id)],
    ['PAYMENT_FAILED', (email) => buy(email, PRICED, { token: 'decline' })],
    ['PAYMENT_REFUNDED', async (email) => cancel((await buy(email, PRICED, { token: 'tok_visa' })).id)],
    ['OFFER', (email) => offerTo(email)],
    ['ENTRY_VERIFICATION', async (email) => join(email, await sales.event())],
    ['MOVED_TO_WAITLIST', (email) => movedTo(email)],
  ])('%s', async (kind, cause) => {
    const email = newAddress()
    await cause(email)
    const before = await mailTo(email, kind)
    await fail(before.id)
    expect((await retry(before.id)).status).toBe(202)
    const after = await mailTo(email, kind)
    expect(contentOf(after)).toEqual(contentOf(before))
    expect(after).toMatchObject({ id: before.id, sentAt: null, failedAt: null, attemptedAt: null, failure: null })
  })
})

describe('A mail is not sent again', () => {
  const refused = async (id: string, detail: string) => {
    await fail(id)
    expect((await retry(id)).body).toMatchObject({ status: 409, code: 'NOT_COMPOSABLE', detail })
    expect(await sales.prisma.mail.findUnique({ where: { id } })).toMatchObject({ recipient: null, text: null })
    expect((await listed()).items).toContainEqual(expect.objectContaining({ id, state: 'FAILED' }))
  }

  it('about an order that was cancelled', async () => {
    const email = newAddress()
    const { id } = await buy(email)
    await cancel(id)
    await refused((await mailTo(email, 'TICKETS')).id, 'The order was cancelled.')
  })

  it('about an offer that has ended', async () => {
    const email = newAddress()
    const entryId = await offerTo(email)
    const { id } = await mailTo(email, 'OFFER')
    const { holdId } = await sales.prisma.waitlistEntry.findUniqueOrThrow({ where: { id: entryId } })
    expect((await call('DELETE', `/holds/${holdId}`)).status).toBe(204)
    await refused(id, 'The offer has ended.')
  })

  it('to an address that is confirmed already', async () => {
    const email = newAddress()
    const entryId = await join(email, await sales.event())
    await sales.prisma.waitlistEntry.update({ where: { id: entryId }, data: { verifiedAt: new Date() } })
    await refused((await mailTo(email, 'ENTRY_VERIFICATION')).id, 'The address is confirmed already.')
  })

  it.each([
    ['TICKETS', (email: string) => buy(email)],
    ['PAYMENT_FAILED', (email: string) => buy(email, PRICED, { token: 'decline' })],
    ['ENTRY_VERIFICATION', async (email: string) => join(email, await sales.event())],
  ] as const)('to a person who was erased (%s)', async (kind, cause) => {
    const email = newAddress()
    await cause(email)
    const { id } = await mailTo(email, kind)
    await fail(id)
    expect((await call('DELETE', `/people?email=${email}`)).status).toBe(200)
    await refused(id, kind === 'ENTRY_VERIFICATION' ? 'The entry is LEFT by now.' : 'The recipient was erased.')
  })

  it('with a link of an account: its owner requests another one', async () => {
    const email = newAddress()
    const body = { email, name: 'Jane', password: 'a good password' }
    expect((await call('POST', '/auth/register', body)).status).toBe(201)
    const { id } = await mailTo(email, 'VERIFICATION')
    await refused(id, 'Its link has expired. The owner of the account can request another one.')
  })

  it('unless it has failed, and it exists', async () => {
    const email = newAddress()
    await buy(email)
    expect((await retry((await mailTo(email, 'TICKETS')).id)).body).toMatchObject({ code: 'STATE_CONFLICT' })
    expect((await retry('mail_unknown')).body).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('when an earlier version stored it', async () => {
    const email = newAddress()
    await buy(email)
    const { id } = await mailTo(email, 'TICKETS')
    await sales.prisma.mail.update({ where: { id }, data: { about: null } })
    await refused(id, 'It was not recorded what this mail is about.')
  })

  it('by anyone but an admin', async () => {
    for (const path of ['/system/mails', '/system/mails/mail_x/retry']) {
      const method = path.endsWith('retry') ? 'POST' : 'GET'
      expect((await call(method, path, undefined, sales.operator.token)).status).toBe(403)
      expect((await sales.service.call(method, path)).status).toBe(401)
    }
    expect((await call('GET', '/system/mails?state=SENT')).status).toBe(400)
  })
})

// From here on mails are sent.
describe('A mail that has failed', () => {
  it('is listed without the recipient, and sent again on request', async () => {
    const email = newAddress()
    const { id } = await buy(email)
    const mail = await mailTo(email, 'TICKETS')
    expect((await listed('&state=UNSENT')).items).toContainEqual(
      expect.objectContaining({ id: mail.id, kind: 'TICKETS', state: 'UNSENT', failedAt: null }),
    )
    smtp.refuses = (recipient) => recipient === email
    const queue = sales.service.app.get<Queue>(getQueueToken(QUEUES.mails))
    await queue.add('send', { mailId: mail.id }, { jobId: mail.id, attempts: 1 })
    sales.service.app.get(BackgroundTasks).start(MailJobs)
    const failed = await until(async () => {
      const found = (await listed()).items.find((item) => item.id === mail.id)
      expect(found?.state).toBe('FAILED')
      return found
    })
    const { orderId } = await sales.prisma.hold.findUniqueOrThrow({ where: { id } })
    expect(failed).toMatchObject({
      about: orderId,
      failure: expect.stringContaining('451 <[address]> try again later'),
    })
    expect(JSON.stringify(await listed())).not.toContain('jane')
    smtp.refuses = () => false
    expect(await retry(mail.id)).toMatchObject({ status: 202, body: { id: mail.id, state: 'UNSENT', failure: null } })
    await until(() => expect(smtp.mails.filter(({ to }) => to === email)).toHaveLength(1), 15_000)
    await until(async () => expect((await listed('&state=UNSENT')).items).toEqual([]), 30_000)
    const audited = await sales.prisma.auditEntry.findMany({ where: { subject: mail.id } })
    expect(audited).toMatchObject([{ action: 'mail.retry', actorId: sales.admin.id }])
    expect((await retry(mail.id)).body).toMatchObject({ code: 'STATE_CONFLICT' })
  })
})
