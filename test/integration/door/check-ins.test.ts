import { describe, expect, it } from 'vitest'
import { holder, openDoorStage } from '../../support/fixtures/door.js'

const stage = openDoorStage()
const { openChannel, sell, buy, attendees, checkIn, takeBack, firstTicket } = stage

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
    stage.eventId = await stage.sales.event()
    expect(await checkIn({ code: ours?.code })).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    expect((await checkIn({ ticketId: ours?.id })).status).toBe(404)
    stage.eventId = 'unknown'
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
    for (const by of [stage.sales.customer, stage.viewer])
      expect((await checkIn({ code: ada?.code }, by)).status).toBe(403)
    expect((await checkIn({ code: ada?.code }, stage.sales.operator)).status).toBe(200)
    for (const by of [stage.door, stage.viewer]) expect((await takeBack(ada?.id ?? '', by)).status).toBe(403)
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
    const rows = await stage.sales.prisma.checkIn.findMany({
      where: { ticket: { eventId: stage.eventId } },
      orderBy: { checkedInAt: 'asc' },
    })
    expect(rows).toMatchObject([
      { ticketId: one?.id, userId: stage.door.id, deviceId: 'phone-2' },
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
    const audited = await stage.sales.prisma.auditEntry.findMany({
      where: { subject: { in: [stage.eventId, ada?.id ?? ''] }, action: { startsWith: 'ticket.' } },
      orderBy: { id: 'asc' },
    })
    expect(audited.map(({ action, actorId }) => [action, actorId])).toEqual([
      ['ticket.check-in', stage.door.id],
      ['ticket.check-in.take-back', stage.sales.operator.id],
      ['ticket.check-in', stage.door.id],
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
