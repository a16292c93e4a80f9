import { describe, expect, it } from 'vitest'
import type { Person } from '../../support/fixtures/sales.js'
import { type AttendeeBody, type ListBody, holder, openDoorStage } from '../../support/fixtures/door.js'

const stage = openDoorStage()
const { openChannel, sell, buy, attendees, names, checkIn } = stage

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
    const { status, body } = await attendees('', stage.sales.operator)
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
    expect(await emails(stage.sales.operator)).toEqual(['jane@example.com'])
    expect(await emails(stage.sales.admin)).toEqual(['jane@example.com'])
    expect(await emails(stage.viewer)).toEqual([null])
    expect(await emails(stage.door)).toEqual([null])
    expect((await attendees('', stage.sales.customer)).status).toBe(403)
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
    stage.eventId = await stage.sales.event()
    expect(await names()).toEqual([])
    stage.eventId = 'unknown'
    expect((await attendees()).status).toBe(404)
  })

  it('is a CSV file for building security, without formulas', async () => {
    await buy('=HYPERLINK("x")', { quantity: 2 })
    const [ticket] = await buy('Ada Example')
    await checkIn({ ticketId: ticket?.id, at: '2026-12-10T18:00:00Z' })
    const lines = async (by: Person) => {
      const path = `/events/${stage.eventId}/attendees.csv`
      const { status, body, headers } = await stage.sales.service.call<string>('GET', path, { token: by.token })
      expect([status, headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8'])
      return body.trimEnd().split('\r\n')
    }
    const [head, formula, ada] = await lines(stage.door)
    expect(head).toBe('name,email,platform,ticketType,tickets,checkedIn,checkedInAt,id')
    expect(ada).toMatch(/^Ada Example,,DIRECT,,1,1,2026-12-10T18:00:00.000Z,/)
    expect(formula).toMatch(/^"'=HYPERLINK\(""x""\)",,DIRECT,,2,0,,/)
    expect((await lines(stage.sales.operator))[2]).toMatch(/^Ada Example,jane@example.com,DIRECT/)
  })
})

describe('The calendar file of an event', () => {
  it('is for everybody who is signed in', async () => {
    stage.eventId = await stage.sales.event({
      name: 'Party, with friends',
      venue: 'Hall',
      startsAt: '2030-01-01T19:00:00+01:00',
    })
    for (const { token } of [stage.door, stage.sales.customer]) {
      const { status, body, headers } = await stage.sales.service.call<string>(
        'GET',
        `/events/${stage.eventId}/calendar.ics`,
        {
          token,
        },
      )
      expect([status, headers['content-type']]).toEqual([200, 'text/calendar; charset=utf-8'])
      const lines = body.split('\r\n')
      const expected = ['DTSTART:20300101T180000Z', 'DTEND:20300102T000000Z', 'LOCATION:Hall']
      expect(lines).toEqual(expect.arrayContaining([...expected, String.raw`SUMMARY:Party\, with friends`]))
    }
    expect((await stage.sales.service.call('GET', `/events/${stage.eventId}/calendar.ics`)).status).toBe(401)
    expect(
      (await stage.sales.service.call('GET', '/events/unknown/calendar.ics', { token: stage.door.token })).status,
    ).toBe(404)
  })
})
