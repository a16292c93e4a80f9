import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { storeAttendees } from '../../support/fixtures/attendees.js'
import { type AttendeeBody, holder, openDoorStage } from '../../support/fixtures/door.js'

interface DeviceListBody {
  event: Record<string, unknown>
  version: string
  items: AttendeeBody[] | null
  checkIns: { ticketId: string; checkedInAt: string }[]
  walkIns: number
}

const stage = openDoorStage()
const { openChannel, sell, buy, attendees, checkIn, takeBack } = stage

const read = async (since?: string, by = stage.door) => {
  const query = since === undefined ? '' : `?since=${encodeURIComponent(since)}`
  const path = `/events/${stage.eventId}/door/list${query}`
  const { status, body } = await stage.sales.service.call<DeviceListBody>('GET', path, { token: by.token })
  return { status, ...body }
}

describe('The list for a phone at the door', () => {
  it('has the event and all attendees by name with their codes, without e-mail addresses for any role', async () => {
    await buy('Zoë')
    await sell(await openChannel('LUMA'), 'LUMA', [{ ...holder('Ada', 'ada@example.com'), code: 'luma-1' }])
    const { status, event, items } = await read(undefined, stage.sales.admin)
    expect(status).toBe(200)
    expect(event).toMatchObject({ id: stage.eventId, capacity: expect.any(Number) as number, state: 'ON_SALE' })
    const { items: listed } = (await attendees()).body
    expect(items).toEqual(
      listed.map(({ id, name, platform, channelId, tickets, ...rest }) => {
        return { id, name, platform, channelId, tickets, ticketType: (rest as { ticketType?: string }).ticketType }
      }),
    )
    expect(items?.map(({ name }) => name)).toEqual(['Ada', 'Zoë'])
  })

  it('is for the door only, and refuses what is not a version', async () => {
    expect((await read(undefined, stage.viewer)).status).toBe(200)
    expect((await read(undefined, stage.sales.customer)).status).toBe(403)
    expect((await read('tomorrow')).status).toBe(400)
    stage.eventId = 'evt_unknown'
    expect((await read()).status).toBe(404)
  })

  it('sends only check-ins to a phone that has the rest', async () => {
    const [one, two] = await buy('Ada', { quantity: 2 })
    const first = await read()
    expect(await read(first.version)).toMatchObject({ items: null, checkIns: [], version: first.version })
    const { body: checkedIn } = await checkIn({ ticketId: one?.id })
    const second = await read(first.version)
    expect(second).toMatchObject({
      items: null,
      checkIns: [{ ticketId: one?.id, checkedInAt: checkedIn['checkedInAt'] }],
    })
    await checkIn({ ticketId: two?.id })
    expect((await read(second.version)).checkIns.map(({ ticketId }) => ticketId)).toEqual([two?.id])
    expect((await read(first.version)).checkIns).toHaveLength(2)
  })

  it('has the number of people counted without a ticket, which is no new version', async () => {
    stage.eventId = await stage.sales.event({ safetyStockRatio: 0.1 })
    await buy('Ada')
    const { version, walkIns } = await read()
    expect(walkIns).toBe(0)
    const { body } = await stage.walkIn({ quantity: 3, from: 'COUNT' })
    await stage.walkIn({ quantity: 1, from: 'SAFETY' })
    // Who buys a ticket is on the list.
    expect(await read(version)).toMatchObject({ walkIns: 3, items: [{ tickets: [{}] }, { tickets: [{}] }] })
    const { version: after } = await read()
    await stage.takeBackWalkIn(body.id)
    expect(await read(after)).toMatchObject({ walkIns: 0, items: null, version: after })
  })

  it('is sent compressed to a phone that accepts that, once it is large', async () => {
    const guests = Array.from({ length: 200 }, (_, index) => ({ name: `Guest ${index}` }))
    await storeAttendees(stage.sales.prisma, stage.eventId, guests, stage.eventId)
    const request = (since: string, encoding: string) =>
      stage.sales.service.app.inject({
        url: `/api/v1/events/${stage.eventId}/door/list${since}`,
        headers: { authorization: `Bearer ${stage.door.token}`, 'accept-encoding': encoding },
      })
    const [plain, compressed] = [await request('', 'identity'), await request('', 'gzip, deflate, br')]
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(compressed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
    expect(compressed.headers['content-type']).toBe(plain.headers['content-type'])
    expect(compressed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 4)
    expect(JSON.parse(gunzipSync(compressed.rawPayload).toString())).toEqual(plain.json())
    const { version } = plain.json<DeviceListBody>()
    const changes = await request(`?since=${version}`, 'gzip')
    expect(changes.headers['content-encoding']).toBeUndefined()
    expect(changes.json()).toMatchObject({ items: null })
  })

  it.each([
    ['a sale', () => buy('Bo')],
    ['a check-in taken back', async () => takeBack((await stage.firstTicket())?.id ?? '')],
    [
      'an earlier scan that arrives later',
      async () => checkIn({ ticketId: (await stage.firstTicket())?.id, at: '2026-01-01T00:00:00Z' }),
    ],
  ])('sends everything after %s', async (_what, change) => {
    await buy('Ada')
    await checkIn({ ticketId: (await stage.firstTicket())?.id })
    const { version } = await read()
    await change()
    const { items, checkIns } = await read(version)
    const { items: listed } = (await attendees()).body
    expect(items?.map(({ tickets }) => tickets)).toEqual(listed.map(({ tickets }) => tickets))
    expect(checkIns).toEqual([])
  })

  it("sends everything after a cancellation, a new name and a platform's check-in", async () => {
    const channel = await openChannel('LUMA')
    const orderId = await sell(channel, 'LUMA', [{ ...holder('Ada') }, { ...holder('Bo') }])
    let { version } = await read()
    const changed = async (details: Parameters<typeof sell>[2], live = true) => {
      await sell(channel, 'LUMA', details, { orderId, live })
      const list = await read(version)
      ;({ version } = list)
      return list.items?.map(({ name, tickets }) => [name, tickets[0]?.checkedInAt !== null])
    }
    expect(await changed([{ ...holder('Ada Lovelace') }, { ...holder('Bo') }])).toEqual([
      ['Ada Lovelace', false],
      ['Bo', false],
    ])
    const checkedInAt = new Date('2026-11-01T19:00:00Z')
    expect(await changed([{ ...holder('Ada Lovelace'), checkedInAt }, { ...holder('Bo') }])).toEqual([
      ['Ada Lovelace', true],
      ['Bo', false],
    ])
    expect(await changed([{ ...holder('Ada Lovelace') }, { ...holder('Bo') }], false)).toEqual([])
  })
})
