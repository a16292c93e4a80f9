import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApiPlatform } from '../../../src/domain/channel.js'
import type { TicketDetails } from '../../../src/domain/orders/order-snapshot.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { OrderApplier } from '../../../src/orders/order-applier.js'
import { Sales, type Person } from '../../support/fixtures/sales.js'

interface AttendeeBody {
  id: string
  name: string | null
  email: string | null
  platform: string
  channelId: string | null
  ticketType: string | null
  tickets: { id: string; code: string | null; externalTicketId: string | null; checkedInAt: string | null }[]
  duplicateOf: string | null
  duplicateCertainty: string | null
}
interface ListBody {
  items: AttendeeBody[]
  nextCursor: string | null
}

let sales: Sales
let door: Person
let viewer: Person
let eventId: string

beforeAll(async () => {
  sales = await Sales.start()
  ;[door, viewer] = [await sales.staff('DOOR'), await sales.staff('VIEWER')]
})
afterAll(() => sales?.stop())
beforeEach(async () => {
  eventId = await sales.event()
})

let second = 0
const nextVersion = () => new Date(Date.UTC(2026, 10, 1) + 1_000 * ++second).toISOString()

async function openChannel(platform: ApiPlatform): Promise<string> {
  const id = newId('chn')
  const connectionId = `con_environment_${platform.toLowerCase()}`
  await sales.prisma.channel.create({ data: { id, eventId, platform, connectionId, externalEventId: newId('ext') } })
  return id
}

/** What a platform shows of one order: a ticket for each of these details. */
async function sell(
  channelId: string,
  platform: ApiPlatform,
  details: Partial<TicketDetails>[],
  { orderId = newId('ext'), live = true }: { orderId?: string; live?: boolean } = {},
): Promise<string> {
  const tickets = details.map((one, index) => {
    const none = { holder: null, ticketType: null, code: null, checkedInAt: null }
    return { ticketId: `${orderId}-${index}`, live, ticketClassId: null, details: { ...none, ...one } }
  })
  const buyer = details[0]?.holder ?? null
  const snapshot = {
    orderId,
    externalEventId: 'x',
    version: nextVersion(),
    tickets,
    complete: true,
    buyer,
    placedAt: null,
  }
  await sales.service.app.get(OrderApplier).apply(eventId, [{ channelId, platform, snapshot, ticketClassId: null }])
  return orderId
}

async function buy(name: string, { quantity = 1, email = 'jane@example.com', by = sales.customer } = {}) {
  const { id } = await sales.createHold(eventId, { quantity }, by)
  const confirmed = await sales.confirm(id, { by, body: { buyer: { name, email } } })
  expect(confirmed.status).toBe(200)
  return confirmed.body.tickets ?? []
}

const holder = (name: string, email: string | null = null) => ({ holder: { name, email } })
const attendees = (query = '', by: Person = door) =>
  sales.service.call<ListBody>('GET', `/events/${eventId}/attendees${query}`, { token: by.token })
const names = async (query = '') => {
  const { status, body } = await attendees(query)
  expect(status).toBe(200)
  return body.items.map(({ name }) => name)
}
const checkIn = (body: object, by: Person = door) =>
  sales.service.call<Record<string, unknown>>('POST', `/events/${eventId}/check-ins`, { token: by.token, body })
const takeBack = (ticketId: string, by: Person = sales.operator) =>
  sales.service.call('DELETE', `/check-ins/${ticketId}`, { token: by.token })
const firstTicket = async () => (await attendees()).body.items[0]?.tickets[0]

describe('The list of attendees', () => {
  it('has everybody of all channels by name, with the tickets that are theirs', async () => {
    const [luma, eventbrite] = [await openChannel('LUMA'), await openChannel('EVENTBRITE')]
    const order = await sell(luma, 'LUMA', [
      { ...holder('Zoë Ángel', 'zoe@example.com'), ticketType: 'Standard', code: 'https://luma.com/x?pk=1' },
      { ...holder('Zoë Ángel', 'zoe@example.com'), ticketType: 'VIP', code: 'https://luma.com/x?pk=1' },
    ])
    await sell(eventbrite, 'EVENTBRITE', [
      { ...holder('ana example', 'ana@example.com'), ticketType: 'General', code: '7001' },
      { ...holder('Bo Example', 'bo@example.com'), ticketType: 'General', code: '7002' },
    ])
    await sell(await openChannel('MEETUP'), 'MEETUP', [{}, {}])
    const [{ id, code } = { id: '', code: '' }] = await buy('Ada')
    const { status, body } = await attendees('', sales.operator)
    expect(status).toBe(200)
    expect(body.items.map(({ name }) => name)).toEqual(['Ada', 'ana example', 'Bo Example', 'Zoë Ángel', null])
    expect(body.nextCursor).toBeNull()
    expect(body.items[0]).toEqual({
      id: expect.any(String) as string,
      name: 'Ada',
      email: 'jane@example.com',
      platform: 'DIRECT',
      channelId: null,
      ticketType: null,
      tickets: [{ id, code, externalTicketId: null, ticketType: null, checkedInAt: null }],
      duplicateOf: null,
      duplicateCertainty: null,
    })
    expect(body.items[3]).toMatchObject({
      platform: 'LUMA',
      channelId: luma,
      ticketType: 'Standard, VIP',
      tickets: [
        { code: 'https://luma.com/x?pk=1', externalTicketId: `${order}-0` },
        { externalTicketId: `${order}-1` },
      ],
    })
    expect(body.items[4]?.tickets).toHaveLength(2)
    expect(new Set(body.items.map((item) => item.id)).size).toBe(5)
  })

  it('shows e-mail addresses to an OPERATOR only, and nothing to a customer', async () => {
    await buy('Ada')
    const emails = async (by: Person) => (await attendees('', by)).body.items.map(({ email }) => email)
    expect(await emails(sales.operator)).toEqual(['jane@example.com'])
    expect(await emails(sales.admin)).toEqual(['jane@example.com'])
    expect(await emails(viewer)).toEqual([null])
    expect(await emails(door)).toEqual([null])
    expect((await attendees('', sales.customer)).status).toBe(403)
  })

  it('is searched by parts of names in any script, order and spelling', async () => {
    for (const name of ['José García', 'Jose Silva', 'Мария Петрова', '王小明', 'Sinéad O’Brien']) await buy(name)
    const found = (q: string) => names(`?q=${encodeURIComponent(q)}`)
    expect(await found('jose')).toEqual(['José García', 'Jose Silva'])
    expect(await found('GARC jo')).toEqual(['José García'])
    expect(await found('петр')).toEqual(['Мария Петрова'])
    expect(await found('小明')).toEqual(['王小明'])
    expect(await found('obri')).toEqual(['Sinéad O’Brien'])
    expect(await found('another')).toEqual([])
    expect(await found('%')).toEqual([])
    expect(await found(' ')).toHaveLength(5)
  })

  it('is filtered by platform and by who is in', async () => {
    const luma = await openChannel('LUMA')
    await sell(luma, 'LUMA', [holder('Lu Guest')])
    const [one] = await buy('Ada', { quantity: 2 })
    expect(await names('?platform=LUMA')).toEqual(['Lu Guest'])
    expect(await names('?platform=DIRECT')).toEqual(['Ada'])
    expect(await names('?checkedIn=true')).toEqual([])
    await checkIn({ ticketId: one?.id })
    expect(await names('?checkedIn=true')).toEqual(['Ada'])
    expect(await names('?checkedIn=false')).toEqual(['Ada', 'Lu Guest'])
    for (const query of ['?platform=PARTIFUL', '?checkedIn=maybe', '?cursor=abc', '?limit=101']) {
      expect([query, (await attendees(query)).status]).toEqual([query, 400])
    }
  })

  it('comes in pages, each attendee once', async () => {
    const luma = await openChannel('LUMA')
    const all = Array.from({ length: 25 }, (_, index) => `Guest ${String.fromCharCode(65 + (index % 12))}`)
    for (const name of all) await sell(luma, 'LUMA', [holder(name)])
    await sell(luma, 'LUMA', [{}])
    await sell(luma, 'LUMA', [{}])
    const seen: AttendeeBody[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: { body: ListBody } = await attendees(`?limit=4${cursor && `&cursor=${cursor}`}`)
      seen.push(...body.items)
      cursor = body.nextCursor
    }
    expect(seen.map(({ name }) => name)).toEqual([...all.toSorted(), null, null])
    expect(new Set(seen.map(({ id }) => id)).size).toBe(27)
  })

  it('does not have cancelled tickets, nor those of other events', async () => {
    const luma = await openChannel('LUMA')
    const orderId = await sell(luma, 'LUMA', [holder('Gone')])
    await sell(luma, 'LUMA', [holder('Gone')], { orderId, live: false })
    expect(await names()).toEqual([])
    await buy('Here')
    eventId = await sales.event()
    expect(await names()).toEqual([])
    eventId = 'unknown'
    expect((await attendees()).status).toBe(404)
  })

  it('is a CSV file for building security, without formulas', async () => {
    await buy('=HYPERLINK("x")', { quantity: 2 })
    const [ticket] = await buy('Ada Example')
    await checkIn({ ticketId: ticket?.id, at: '2026-12-10T18:00:00Z' })
    const lines = async (by: Person) => {
      const path = `/events/${eventId}/attendees.csv`
      const { status, body, headers } = await sales.service.call<string>('GET', path, { token: by.token })
      expect([status, headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8'])
      return body.trimEnd().split('\r\n')
    }
    const [head, formula, ada] = await lines(door)
    expect(head).toBe('name,email,platform,ticketType,tickets,checkedIn,checkedInAt,id')
    expect(ada).toMatch(/^Ada Example,,DIRECT,,1,1,2026-12-10T18:00:00.000Z,/)
    expect(formula).toMatch(/^"'=HYPERLINK\(""x""\)",,DIRECT,,2,0,,/)
    expect((await lines(sales.operator))[2]).toMatch(/^Ada Example,jane@example.com,DIRECT/)
  })
})

describe('A check-in', () => {
  it('is by our code, the code of the platform, or the ticket; the second one returns the first time', async () => {
    const [ada] = await buy('Ada')
    const at = '2026-12-10T18:00:00.000Z'
    const expected = { ticketId: ada?.id, name: 'Ada', platform: 'DIRECT', checkedInAt: at }
    expect(await checkIn({ code: ada?.code, at, deviceId: 'phone-1' })).toMatchObject({
      status: 200,
      body: { ...expected, first: true },
    })
    const again = await checkIn({ ticketId: ada?.id })
    expect(again.body).toEqual({ ...expected, first: false })
    await sell(await openChannel('EVENTBRITE'), 'EVENTBRITE', [{ ...holder('Bo'), code: '7001' }])
    const bo = await checkIn({ code: ' 7001 ' })
    expect(bo).toMatchObject({ status: 200, body: { name: 'Bo', platform: 'EVENTBRITE', first: true } })
    expect((await attendees('?q=ada')).body.items[0]?.tickets[0]?.checkedInAt).toBe(at)
  })

  it('that happened first counts, also if it is reported later', async () => {
    const [ada] = await buy('Ada')
    const scan = async (at: string, deviceId: string) => (await checkIn({ code: ada?.code, at, deviceId })).body
    expect(await scan('2026-12-10T18:05:00.000Z', 'a')).toMatchObject({ first: true })
    expect(await scan('2026-12-10T18:01:00+00:00', 'b')).toMatchObject({
      first: true,
      checkedInAt: '2026-12-10T18:01:00.000Z',
    })
    const first = { first: false, checkedInAt: '2026-12-10T18:01:00.000Z' }
    expect(await scan('2026-12-10T18:05:00.000Z', 'a')).toMatchObject(first)
    expect(await scan('2026-12-10T18:01:00.000Z', 'b')).toMatchObject(first)
  })

  it('of an unknown, a cancelled or a foreign ticket is refused with the reason', async () => {
    const [ours] = await buy('Ada')
    const luma = await openChannel('LUMA')
    const orderId = await sell(luma, 'LUMA', [{ ...holder('Gone'), code: 'gone' }])
    await sell(luma, 'LUMA', [{ ...holder('Gone'), code: 'gone' }], { orderId, live: false })
    expect(await checkIn({ code: 'gone' })).toMatchObject({ status: 409, body: { code: 'STATE_CONFLICT' } })
    expect(await checkIn({ code: 'nothing' })).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    eventId = await sales.event()
    expect(await checkIn({ code: ours?.code })).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    expect((await checkIn({ ticketId: ours?.id })).status).toBe(404)
    eventId = 'unknown'
    expect((await checkIn({ code: ours?.code })).status).toBe(404)
  })

  it('needs a code or a ticket, and nothing else', async () => {
    const items = (count: number) => Array.from({ length: count }, () => ({ code: 'x' }))
    const bodies = [
      {},
      { code: 'a', ticketId: 'b' },
      { code: '' },
      { code: 'a', at: 'yesterday' },
      { code: 'a', seat: 1 },
      { items: items(501) },
      { items: [{}] },
      { items: [{ code: 'a', note: 'x' }] },
      { items: [], code: 'a' },
    ]
    for (const body of bodies) expect([body, (await checkIn(body)).status]).toEqual([body, 400])
    expect((await checkIn({ items: [] })).body).toEqual({ items: [] })
    expect((await checkIn({ items: items(500) })).status).toBe(200)
  })

  it('is for the door and operators', async () => {
    const [ada] = await buy('Ada')
    for (const by of [sales.customer, viewer]) expect((await checkIn({ code: ada?.code }, by)).status).toBe(403)
    expect((await checkIn({ code: ada?.code }, sales.operator)).status).toBe(200)
    for (const by of [door, viewer]) expect((await takeBack(ada?.id ?? '', by)).status).toBe(403)
  })

  it('of a list has one result per item, in its order, and the earliest scan counts', async () => {
    const tickets = await buy('Ada', { quantity: 2 })
    const at = (minute: number) => `2026-12-10T18:0${minute}:00.000Z`
    const [one, two] = tickets
    const { status, body } = await checkIn({
      deviceId: 'phone-2',
      items: [
        { code: one?.code, at: at(3) },
        { code: 'nothing', at: at(1) },
        { code: one?.code, at: at(2) },
        { ticketId: two?.id, at: at(4), deviceId: 'phone-3' },
      ],
    })
    expect(status).toBe(200)
    expect(body.items).toEqual([
      { status: 200, ticketId: one?.id, name: 'Ada', platform: 'DIRECT', first: false, checkedInAt: at(2) },
      { status: 404, code: 'NOT_FOUND', detail: 'No ticket of the event has this code.' },
      { status: 200, ticketId: one?.id, name: 'Ada', platform: 'DIRECT', first: true, checkedInAt: at(2) },
      { status: 200, ticketId: two?.id, name: 'Ada', platform: 'DIRECT', first: true, checkedInAt: at(4) },
    ])
    const rows = await sales.prisma.checkIn.findMany({
      where: { ticket: { eventId } },
      orderBy: { checkedInAt: 'asc' },
    })
    expect(rows).toMatchObject([
      { ticketId: one?.id, userId: door.id, deviceId: 'phone-2' },
      { ticketId: two?.id, deviceId: 'phone-3' },
    ])
  })

  it('by a code that tickets share lets in one after another, and once if it is reported again', async () => {
    await sell(await openChannel('LUMA'), 'LUMA', [
      { ...holder('Lu'), code: 'shared' },
      { ...holder('Lu'), code: 'shared' },
    ])
    const scan = async (minute: number) => {
      const { body } = await checkIn({ code: 'shared', at: `2026-12-10T18:0${minute}:00Z`, deviceId: 'a' })
      return [body.first, body.ticketId] as const
    }
    const [one, repeated, two, third] = [await scan(1), await scan(1), await scan(2), await scan(3)]
    expect([one[0], repeated[0], two[0], third[0]]).toEqual([true, false, true, false])
    expect(repeated[1]).toBe(one[1])
    expect(two[1]).not.toBe(one[1])
  })

  it('on many phones at once has one first scan per ticket', async () => {
    const tickets = await buy('Ada', { quantity: 10 })
    const scans = tickets.flatMap(({ code }) =>
      Array.from({ length: 6 }, (_, phone) => ({ code, deviceId: `p${phone}` })),
    )
    const single = await Promise.all(scans.slice(0, 30).map((scan) => checkIn(scan)))
    const lists = await Promise.all(['x', 'y'].map((deviceId) => checkIn({ items: scans.slice(30), deviceId })))
    const results = [...single.map(({ body }) => body), ...lists.flatMap(({ body }) => body.items as object[])]
    expect(results).toHaveLength(90)
    const first = results.filter((result) => 'first' in result && result.first === true)
    expect(first.map((result) => ('ticketId' in result ? String(result.ticketId) : '')).toSorted()).toEqual(
      tickets.map(({ id }) => id).toSorted(),
    )
  })

  it('is taken back by an operator, on record, and can be made again', async () => {
    const [ada] = await buy('Ada')
    const at = '2026-12-10T18:00:00.000Z'
    await checkIn({ code: ada?.code, at, deviceId: 'a' })
    expect((await takeBack(ada?.id ?? '')).status).toBe(204)
    expect((await takeBack(ada?.id ?? '')).status).toBe(204)
    expect((await firstTicket())?.checkedInAt).toBeNull()
    expect((await checkIn({ code: ada?.code })).body).toMatchObject({ first: true })
    expect((await takeBack('unknown')).status).toBe(404)
    const audited = await sales.prisma.auditEntry.findMany({
      where: { subject: { in: [eventId, ada?.id ?? ''] }, action: { startsWith: 'ticket.' } },
      orderBy: { id: 'asc' },
    })
    expect(audited.map(({ action, actorId }) => [action, actorId])).toEqual([
      ['ticket.check-in', door.id],
      ['ticket.check-in.take-back', sales.operator.id],
      ['ticket.check-in', door.id],
    ])
    expect(audited[0]?.after).toEqual({ checkIns: [{ ticketId: ada?.id, checkedInAt: at, deviceId: 'a' }] })
    expect(audited[1]?.before).toEqual({ checkedInAt: at, onPlatform: null, deviceId: 'a' })
  })

  it('on the platform counts, until it is taken back here or made again there', async () => {
    const channel = await openChannel('LUMA')
    const at = new Date('2026-12-10T18:00:00.000Z')
    const read = (checkedInAt: Date | null) =>
      sell(channel, 'LUMA', [{ ...holder('Lu'), code: 'lu', checkedInAt }], { orderId: 'o1' })
    await read(at)
    const ticket = await firstTicket()
    expect(ticket?.checkedInAt).toBe(at.toISOString())
    expect((await checkIn({ code: 'lu', at: '2026-12-10T18:05:00Z' })).body).toMatchObject({
      first: false,
      checkedInAt: at.toISOString(),
    })
    expect((await takeBack(ticket?.id ?? '')).status).toBe(204)
    await read(at)
    expect((await firstTicket())?.checkedInAt).toBeNull()
    await read(null)
    const later = new Date('2026-12-10T18:30:00.000Z')
    await read(later)
    expect((await firstTicket())?.checkedInAt).toBe(later.toISOString())
  })
})

describe('The calendar file of an event', () => {
  it('is for everybody who is signed in', async () => {
    eventId = await sales.event({ name: 'Party, with friends', venue: 'Hall', startsAt: '2030-01-01T19:00:00+01:00' })
    for (const { token } of [door, sales.customer]) {
      const { status, body, headers } = await sales.service.call<string>('GET', `/events/${eventId}/calendar.ics`, {
        token,
      })
      expect([status, headers['content-type']]).toEqual([200, 'text/calendar; charset=utf-8'])
      const lines = body.split('\r\n')
      const expected = ['DTSTART:20300101T180000Z', 'DTEND:20300102T000000Z', 'LOCATION:Hall']
      expect(lines).toEqual(expect.arrayContaining([...expected, String.raw`SUMMARY:Party\, with friends`]))
    }
    expect((await sales.service.call('GET', `/events/${eventId}/calendar.ics`)).status).toBe(401)
    expect((await sales.service.call('GET', '/events/unknown/calendar.ics', { token: door.token })).status).toBe(404)
  })
})

describe('Duplicate people', () => {
  const duplicates = (query = '', by: Person = sales.operator) =>
    sales.service.call<{ items: Record<string, unknown>[]; nextCursor: string | null; seats: object }>(
      'GET',
      `/events/${eventId}/duplicates${query}`,
      { token: by.token },
    )

  it('are those with one verified address on several channels, and perhaps those with one name', async () => {
    const [luma, eventbrite] = [await openChannel('LUMA'), await openChannel('EVENTBRITE')]
    await sell(luma, 'LUMA', [holder('Cy Example', 'CY@example.com'), holder('Cy Example', 'CY@example.com')])
    await sell(eventbrite, 'EVENTBRITE', [holder('C. Example', 'cy@example.com')])
    await sell(eventbrite, 'EVENTBRITE', [holder('Maria Silva', 'maria@example.com')])
    await sell(await openChannel('MEETUP'), 'MEETUP', [holder('silva maria')])
    await buy('Another Guest')
    const { status, body } = await duplicates()
    expect(status).toBe(200)
    expect(body.items).toMatchObject([
      {
        certainty: 'certain',
        by: 'EMAIL',
        seats: 1,
        attendees: [{ platform: 'LUMA', tickets: 2 }, { platform: 'EVENTBRITE' }],
      },
      {
        certainty: 'possible',
        by: 'NAME',
        seats: 1,
        attendees: [{ name: 'Maria Silva' }, { name: 'silva maria', email: null }],
      },
    ])
    expect(body.seats).toEqual({ certain: 1, possible: 1 })
    const list = (await attendees()).body.items
    const marks = list.map(({ name, duplicateOf, duplicateCertainty }) => {
      return [name, list.find(({ id }) => id === duplicateOf)?.name ?? null, duplicateCertainty]
    })
    expect(marks).toEqual([
      ['Another Guest', null, null],
      ['C. Example', 'Cy Example', 'certain'],
      ['Cy Example', null, null],
      ['Maria Silva', null, null],
      ['silva maria', 'Maria Silva', 'possible'],
    ])
    const page = await duplicates('?limit=1')
    const next = await duplicates(`?limit=1&cursor=${page.body.nextCursor}`)
    expect([...page.body.items, ...next.body.items]).toEqual(body.items)
    expect(next.body.nextCursor).toBeNull()
    for (const by of [door, viewer]) expect((await duplicates('', by)).status).toBe(403)
    expect((await duplicates('?cursor=x')).status).toBe(400)
  })

  it('are not those with tickets of two types of one listing', async () => {
    const [general, vip] = [await openChannel('LUMA'), await openChannel('LUMA')]
    const listing = { externalEventId: newId('ext') }
    await sales.prisma.channel.updateMany({ where: { id: { in: [general, vip] } }, data: listing })
    for (const channel of [general, vip]) await sell(channel, 'LUMA', [holder('Cy Example', 'cy@example.com')])
    expect((await duplicates()).body.items).toEqual([])
    await sell(await openChannel('LUMA'), 'LUMA', [holder('Cy Example', 'cy@example.com')])
    expect((await duplicates()).body.items).toMatchObject([{ certainty: 'certain', seats: 1 }])
  })

  it('are certain for the address of a direct account, and possible for one that was entered', async () => {
    const luma = await openChannel('LUMA')
    await sell(luma, 'LUMA', [holder('Lu One', sales.customer.email)])
    await sell(luma, 'LUMA', [holder('Lu Two', 'entered@example.com')])
    await buy('Ada', { email: sales.customer.email })
    await buy('Bo', { email: 'entered@example.com' })
    expect((await duplicates()).body.items).toMatchObject([
      { certainty: 'certain', by: 'EMAIL', name: 'Lu One' },
      { certainty: 'possible', by: 'EMAIL', name: 'Lu Two' },
    ])
  })
})
