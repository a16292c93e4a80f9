import QRCode from 'qrcode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BackgroundTasks } from '../../src/infrastructure/background/background-tasks.js'
import { MailJobs } from '../../src/infrastructure/mail/mail-jobs.js'
import { newId } from '../../src/infrastructure/ids.js'
import { Sales, type Person, type Ticket } from '../support/fixtures/sales.js'
import { filesOf } from '../support/files/mail-files.js'
import { readPdf } from '../support/files/pdf-reader.js'
import { SmtpServer } from '../support/servers/smtp.js'
import { until } from '../support/service/test-system.js'

let smtp: SmtpServer
let sales: Sales

beforeAll(async () => {
  smtp = await SmtpServer.start()
  const env = {
    SMTP_URL: smtp.url,
    MAIL_FROM: 'Tickets <tickets@example.com>',
    PUBLIC_URL: 'https://tickets.example.com',
  }
  sales = await Sales.start({ env })
})

afterAll(async () => {
  await sales?.stop()
  await smtp?.stop()
})

async function bought(
  fields: object,
  quantity: number,
  buyer: object,
): Promise<{ eventId: string; tickets: Ticket[] }> {
  const eventId = await sales.event(fields)
  const { id } = await sales.createHold(eventId, { quantity })
  const { body } = await sales.confirm(id, { body: { buyer } })
  return { eventId, tickets: body.tickets ?? [] }
}

const JANE = { name: 'Jane', email: 'jane@example.com' }

/** The dark modules of a QR code, from the path of its image: rows of `h` and `m` steps. */
function darkModules(svg: string): Set<string> {
  const [, path = ''] = /<path stroke="#000000" d="([^"]+)"/.exec(svg) ?? []
  const dark = new Set<string>()
  let [x, y] = [0, 0]
  for (const [, command, first, second] of path.matchAll(/([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?/g)) {
    const [a, b] = [Number(first), Number(second ?? 0)]
    if (command === 'M') [x, y] = [a, b]
    else if (command === 'm') [x, y] = [x + a, y + b]
    else for (let step = 0; step < a; step++) dark.add(`${x++} ${Math.floor(y)}`)
  }
  return dark
}

describe('The QR code of a ticket', () => {
  it('encodes the code of the ticket', async () => {
    const { tickets } = await bought({}, 2, JANE)
    expect(new Set(tickets.map(({ code }) => code)).size).toBe(2)
    for (const { id, code } of tickets) {
      expect(code).toMatch(/^[\w-]{24}$/)
      const svg = await sales.service.call<string>('GET', `/tickets/${id}/qr.svg`, { token: sales.customer.token })
      expect([svg.status, svg.headers['content-type']]).toEqual([200, 'image/svg+xml'])
      const { modules } = QRCode.create(code, { errorCorrectionLevel: 'M' })
      const expected = new Set<string>()
      for (let row = 0; row < modules.size; row++) {
        for (let column = 0; column < modules.size; column++) {
          if (modules.get(row, column)) expected.add(`${column + 4} ${row + 4}`)
        }
      }
      expect(darkModules(svg.body)).toEqual(expected)
    }
    const png = await sales.service.app.inject({
      url: `/api/v1/tickets/${tickets[0]?.id}/qr.png`,
      headers: { authorization: `Bearer ${sales.customer.token}` },
    })
    expect(png.headers['content-type']).toBe('image/png')
    expect(png.rawPayload.subarray(1, 4).toString()).toBe('PNG')
  })

  it('is accessible to the buyer, to staff and with the code', async () => {
    const { tickets } = await bought({}, 1, JANE)
    const [ticket] = tickets as [Ticket]
    const path = `/tickets/${ticket.id}/qr.svg`
    const viewer = await sales.staff('VIEWER')
    const status = async (token?: string) => (await sales.service.call('GET', path, token ? { token } : {})).status
    expect(await status(viewer.token)).toBe(200)
    expect(await status((await sales.buyer()).token)).toBe(404)
    expect(await status()).toBe(401)
    const byCode = async (format: string, code?: string) => {
      const options = code === undefined ? {} : { headers: { 'x-ticket-code': code } }
      return (await sales.service.call('GET', `/tickets/by-code/qr.${format}`, options)).status
    }
    expect([await byCode('svg', ticket.code), await byCode('png', ticket.code)]).toEqual([200, 200])
    expect([await byCode('svg', 'guess'), await byCode('svg')]).toEqual([404, 400])
    // An address with a code would be in the logs of proxies.
    expect((await sales.service.call('GET', `/tickets/by-code/qr.svg?code=${ticket.code}`)).status).toBe(400)
    for (const path of ['//ticket', '//ticket/page.js', '//ticket/qr.js', '//ticket/page.css'])
      expect((await sales.service.call('GET', path)).status).toBe(200)
    await sales.prisma.ticket.update({ where: { id: ticket.id }, data: { state: 'CANCELLED' } })
    expect(await status(viewer.token)).toBe(409)
  })
})

describe('The ticket mail', () => {
  it('is sent once after temporary rejections, and its content is then deleted', async () => {
    const { eventId, tickets } = await bought({ venue: 'Hall', timezone: 'Europe/Berlin' }, 2, {
      name: 'Eve',
      email: 'eve@example.com',
    })
    const jobs = sales.service.app.get(MailJobs)
    const unsent = await sales.prisma.mail.findFirstOrThrow({ where: { recipient: 'eve@example.com' } })
    smtp.refusals = 2
    await expect(jobs.send(unsent.id)).rejects.toThrow('451')
    sales.service.app.get(BackgroundTasks).start(MailJobs)
    const sent = () => smtp.mails.filter(({ to }) => to === 'eve@example.com')
    await until(() => expect(sent()).toHaveLength(1), 15_000)
    await until(async () => {
      const mail = await sales.prisma.mail.findUniqueOrThrow({ where: { id: unsent.id } })
      expect([mail.sentAt !== null, mail.recipient, mail.text]).toEqual([true, null, null])
    })
    await jobs.send(unsent.id)
    await jobs.queueUnsent()
    expect(sent()).toHaveLength(1)
    const raw = sent()[0]?.raw.replaceAll('=\n', '').replaceAll('=3D', '=') ?? ''
    for (const { code } of tickets) expect(raw).toContain(`https://tickets.example.com/ticket#${code}`)
    expect(raw).toContain('From: Tickets <tickets@example.com>')
    expect(raw).toContain('Content-Type: text/plain')
    const files = filesOf(sent()[0]?.raw ?? '')
    expect(files.map(({ name, type }) => [name, type])).toEqual([
      ['tickets.pdf', 'application/pdf'],
      ['event.ics', 'text/calendar'],
    ])
    const pages = readPdf(files[0]?.content ?? Buffer.from(''))
    expect(pages.map(({ texts }) => texts.at(-1))).toEqual(tickets.map(({ code }) => code))
    for (const { texts, rectangles } of pages) {
      expect(texts).toEqual(expect.arrayContaining(['Event', 'Hall', 'Eve']))
      expect(rectangles.length).toBeGreaterThan(100)
    }
    const { body: calendar } = await sales.service.call<string>('GET', `/events/${eventId}/calendar.ics`, {
      token: sales.customer.token,
    })
    expect(String(files[1]?.content)).toBe(calendar)
    expect(raw).toMatch(/at Hall, Tuesday,? 1 January 2030 at 19:00 \(Europe\/Berlin\)/)
  })

  it('has the code of each ticket, however many there are', async () => {
    const eventId = await sales.event({ capacity: 250 })
    const { id } = await sales.createHold(eventId, { quantity: 250 }, sales.operator)
    const buyer = { name: 'Gil', email: 'gil@example.com' }
    const { body } = await sales.confirm(id, { by: sales.operator, body: { buyer } })
    const { text } = await sales.prisma.mail.findFirstOrThrow({ where: { recipient: buyer.email } })
    const missing = body.tickets?.filter(({ code }) => !text?.includes(code))
    expect([body.tickets?.length, missing]).toEqual([250, []])
    expect(text).not.toContain('account')
    // A mail is not larger than servers accept: a link for the first ones, a line for the others.
    expect(text?.match(/\/ticket#[\w-]{24}/g)).toHaveLength(100)
  })

  it('is not kept waiting by a batch of other mails that are retried, which are sent later', async () => {
    const isOther = (recipient: string | null) => recipient?.startsWith('other') ?? false
    smtp.refuses = isOther
    const createdAt = new Date(Date.now() - 3_600_000)
    const others = Array.from({ length: 500 }, (_, n) => ({
      id: newId('mail'),
      kind: 'TICKETS',
      recipient: `other${n}@example.com`,
      subject: 'Earlier',
      text: 'Earlier',
      createdAt,
    }))
    await sales.prisma.mail.createMany({ data: others })
    sales.service.app.get(BackgroundTasks).start(MailJobs)
    await bought({}, 1, { name: 'Ida', email: 'ida@example.com' })
    await until(() => expect(smtp.mails.some(({ to }) => to === 'ida@example.com')).toBe(true), 20_000)
    smtp.refuses = () => false
    const ids = others.map(({ id }) => id)
    const unsent = { id: { in: ids }, sentAt: null }
    await until(async () => expect(await sales.prisma.mail.count({ where: unsent })).toBe(0), 30_000)
    expect(smtp.mails.filter(({ to }) => isOther(to))).toHaveLength(500)
  })
})

describe('Mails to a domain that is refused slowly', () => {
  it('keep others waiting once only', async () => {
    smtp.refuses = (recipient) => recipient.endsWith('@slow.example')
    smtp.refusalMs = 5_500
    const slow = Array.from({ length: 60 }, (_, n) => ({
      id: newId('mail'),
      kind: 'TICKETS',
      recipient: `person${n}@slow.example`,
      subject: 'Earlier',
      text: 'Earlier',
      createdAt: new Date(Date.now() - 3_600_000),
    }))
    await sales.prisma.mail.createMany({ data: slow })
    sales.service.app.get(BackgroundTasks).start(MailJobs)
    const ids = slow.map(({ id }) => id)
    try {
      // All are queued: without a limit the workers would attempt them first, for more than a minute.
      await until(async () => {
        const attempted = { id: { in: ids }, attemptedAt: { not: null } }
        expect(await sales.prisma.mail.count({ where: attempted })).toBeGreaterThan(0)
      }, 15_000)
      await bought({}, 1, { name: 'Lea', email: 'lea@example.com' })
      await until(() => expect(smtp.mails.some(({ to }) => to === 'lea@example.com')).toBe(true), 15_000)
    } finally {
      smtp.refusalMs = 0
      smtp.refuses = () => false
    }
    const unsent = { id: { in: ids }, sentAt: null }
    await until(async () => expect(await sales.prisma.mail.count({ where: unsent })).toBe(0), 60_000)
  })
})

describe('GET /tickets', () => {
  type Listed = { items: { id: string; code: string; state: string; eventName: string }[]; nextCursor: string | null }
  const list = (person: Person, query = '') =>
    sales.service.call<Listed>('GET', `/tickets${query}`, { token: person.token })

  it('lists what the caller has bought, newest first, in pages', async () => {
    const by = await sales.buyer()
    const eventId = await sales.event({ name: 'Ball' })
    const codes: string[] = []
    for (const quantity of [2, 3]) {
      const { id } = await sales.createHold(eventId, { quantity }, by)
      const { body } = await sales.confirm(id, { by, body: { buyer: JANE } })
      codes.push(...(body.tickets ?? []).map(({ code }) => code))
    }
    const first = await list(by, '?limit=3')
    expect([first.status, first.body.items.length]).toEqual([200, 3])
    const second = await list(by, `?limit=3&cursor=${first.body.nextCursor}`)
    expect(second.body).toMatchObject({ nextCursor: null })
    const all = [...first.body.items, ...second.body.items]
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    )
    expect(all.map(({ code }) => code).toSorted()).toEqual(codes.toSorted())
    expect(all[0]).toMatchObject({ eventId, eventName: 'Ball', state: 'VALID', seat: null })
    expect((await list(by, '?cursor=x')).status).toBe(400)
  })

  it('shows tickets that were cancelled as such, and none of another account', async () => {
    const [by, other] = [await sales.buyer(), await sales.buyer()]
    const { id } = await sales.createHold(await sales.event(), { quantity: 1 }, by)
    // The buyer's address is another customer's: the account that paid has the tickets.
    await sales.confirm(id, { by, body: { buyer: { name: 'Other', email: other.email } } })
    const { orderId } = await sales.prisma.hold.findUniqueOrThrow({ where: { id } })
    const body = { reason: 'Cancelled by phone' }
    await sales.service.call('POST', `/orders/${orderId}/cancel`, { token: sales.operator.token, body })
    expect((await list(by)).body.items).toMatchObject([{ state: 'CANCELLED' }])
    expect((await list(other)).body.items).toEqual([])
    expect((await list(await sales.staff('DOOR'))).status).toBe(403)
    expect((await sales.service.call('GET', '/tickets')).status).toBe(401)
  })
})

describe('The CSV exports', () => {
  const csv = async (eventId: string, what: string) => {
    const response = await sales.service.call<string>('GET', `/events/${eventId}/${what}.csv`, {
      token: sales.operator.token,
    })
    expect([response.status, response.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8'])
    return response.body.trimEnd().split('\r\n')
  }

  it('contain all orders and tickets, and no formulas', async () => {
    const { eventId, tickets } = await bought({}, 3, {
      name: '=HYPERLINK("http://evil.example","x")',
      email: 'a@example.com',
    })
    const { id } = await sales.createHold(eventId, { quantity: 1 })
    await sales.confirm(id, { body: { buyer: { name: 'Doe, "Jane"', email: 'b@example.com' } } })
    const orders = await csv(eventId, 'orders')
    expect(orders[0]).toBe('id,platform,externalOrderId,state,quantity,buyerName,buyerEmail,placedAt,seenAt')
    expect(orders).toHaveLength(3)
    expect(orders[1]).toContain(`,DIRECT,,PLACED,3,"'=HYPERLINK(""http://evil.example"",""x"")",a@example.com,20`)
    expect(orders[2]).toContain(',PLACED,1,"Doe, ""Jane""",b@example.com,')
    const rows = await csv(eventId, 'tickets')
    expect(rows[0]).toBe(
      'id,orderId,platform,externalTicketId,seat,state,code,buyerName,buyerEmail,createdAt,cancelledAt',
    )
    expect(rows).toHaveLength(5)
    // A code may start with a dash.
    for (const ticket of tickets)
      expect(rows.some((row) => row.startsWith(ticket.id) && row.includes(ticket.code))).toBe(true)
    expect(await csv(await sales.event(), 'orders')).toHaveLength(1)
  })

  it('contain more rows than one batch, and are restricted to staff', async () => {
    const eventId = await sales.event({ capacity: 2_500 })
    const { id } = await sales.createHold(eventId, { quantity: 2_500 }, sales.operator)
    await sales.confirm(id, { by: sales.operator })
    const rows = await csv(eventId, 'tickets')
    expect(new Set(rows.slice(1).map((row) => row.split(',')[0])).size).toBe(2_500)
    const path = `/events/${eventId}/tickets.csv`
    expect((await sales.service.call('GET', path, { token: sales.customer.token })).status).toBe(403)
    const none = await sales.service.call('GET', '/events/evt_none/orders.csv', { token: sales.operator.token })
    expect([none.status, none.body]).toMatchObject([404, { code: 'NOT_FOUND' }])
  })
})
