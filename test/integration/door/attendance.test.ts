import { describe, expect, it, vi } from 'vitest'
import type { AttendanceDto } from '../../../src/door/attendance/attendance.dto.js'
import type { ApiPlatform } from '../../../src/domain/channel.js'
import { holder, openDoorStage } from '../../support/fixtures/door.js'

const stage = openDoorStage()
const { openChannel, sell, buy, attendees, checkIn, takeBack, walkIn, inTheRoom, readDoor } = stage

describe('Who is in', () => {
  it('counts tickets that are in here or on their platform, per channel, and people without a ticket, each once', async () => {
    stage.eventId = await stage.sales.event({ safetyStockRatio: 0.1 })
    const [ada] = await buy('Ada', { quantity: 2 })
    const checkedInAt = new Date('2030-01-01T17:50:00Z')
    const meetup = await openChannel('MEETUP')
    await stage.sales.prisma.channel.update({ where: { id: meetup }, data: { label: 'Chapter' } })
    await sell(meetup, 'MEETUP', [holder('Bo'), { ...holder('Cy'), checkedInAt }, holder('Di')])
    const luma = await openChannel('LUMA')
    const gone = await sell(luma, 'LUMA', [{ ...holder('Gone'), checkedInAt }])
    await sell(luma, 'LUMA', [{ ...holder('Gone'), checkedInAt }], { orderId: gone, live: false })
    for (const name of ['bo', 'cy']) {
      await checkIn({ ticketId: (await attendees(`?q=${name}`)).body.items[0]?.tickets[0]?.id })
    }
    await checkIn({ code: ada?.code })
    await checkIn({ code: ada?.code })
    await walkIn({ quantity: 4, from: 'COUNT' })
    await walkIn({ quantity: 1, from: 'SAFETY' })
    const expected = {
      capacity: 100,
      sold: 6,
      checkedIn: 4,
      walkIns: 4,
      inTheRoom: 8,
      channels: [
        { channelId: meetup, platform: 'MEETUP', label: 'Chapter', sold: 3, attended: 2 },
        { channelId: luma, platform: 'LUMA', label: null, sold: 0, attended: 0 },
        { channelId: 'DIRECT', platform: 'DIRECT', label: null, sold: 3, attended: 2 },
      ],
      seatsThatMayComeFree: 0,
    }
    expect(await inTheRoom()).toEqual(expected)
    expect(await readDoor()).toMatchObject({ status: 200, body: expected })
    await takeBack((await attendees('?q=cy')).body.items[0]?.tickets[0]?.id ?? '')
    expect((await inTheRoom()).checkedIn).toBe(3)
  })

  it('shows how many seats may come free, to the door without names', async () => {
    await sell(await openChannel('LUMA'), 'LUMA', [holder('Ada Lovelace', 'ada@example.com')])
    await sell(await openChannel('EVENTBRITE'), 'EVENTBRITE', [holder('Ada Lovelace', 'ada@example.com')])
    await buy('Bo Diddley')
    await sell(await openChannel('MEETUP'), 'MEETUP', [holder('Bo Diddley')])
    const { body } = await readDoor()
    expect(body.seatsThatMayComeFree).toBe(2)
    expect(JSON.stringify(body)).not.toMatch(/ada|diddley|example/i)
  })

  it('is computed once a second, however many phones read it, and then shows what has changed', async () => {
    const queries = vi.spyOn(stage.sales.prisma, '$queryRaw')
    const ofWalkIns = () => queries.mock.calls.filter(([sql]) => 'sql' in sql && sql.sql.includes('walk_ins'))
    const responses = await Promise.all(Array.from({ length: 100 }, () => readDoor()))
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]))
    const [computed, elapsed] = [ofWalkIns().length, performance.now()]
    await walkIn({ quantity: 2, from: 'COUNT' })
    await expect.poll(async () => (await readDoor()).body.inTheRoom, { timeout: 10_000 }).toBe(2)
    const seconds = Math.ceil((performance.now() - elapsed) / 1_000)
    expect([computed, ofWalkIns().length]).toEqual([1, expect.toSatisfy((count) => count >= 2 && count <= 2 + seconds)])
    queries.mockRestore()
  })

  it('is for the door and staff, of an event', async () => {
    for (const by of [stage.door, stage.viewer, stage.sales.operator]) expect((await readDoor(by)).status).toBe(200)
    expect((await readDoor(stage.sales.customer)).status).toBe(403)
    stage.eventId = 'evt_none'
    expect((await readDoor()).status).toBe(404)
    await expect(inTheRoom()).rejects.toThrow('event')
  })
})

describe('The show rate', () => {
  const sellOn = async (platform: ApiPlatform, sold: number, came: number) => {
    const details = Array.from({ length: sold }, (_, index) => ({
      ...holder(`${platform} ${index}`),
      checkedInAt: index < came ? new Date('2020-01-01T18:10:00Z') : null,
    }))
    await sell(await openChannel(platform), platform, details)
  }
  const past = (day: number) => ({ startsAt: `2020-01-0${day}T18:00:00Z`, endsAt: `2020-01-0${day}T22:00:00Z` })
  const showRates = (by = stage.viewer) =>
    stage.sales.service.call<AttendanceDto>('GET', `/events/${stage.eventId}/attendance`, { token: by.token })

  it('is sold and attended per channel, next to that of earlier events on the same account', async () => {
    const own = stage.eventId
    for (const [day, came] of [[1, 1], [2, 3], [3, 0]] as const) {
      stage.eventId = await stage.sales.event()
      await sellOn('MEETUP', 4, came)
      await sellOn('EVENTBRITE', 2, 2)
      await stage.sales.prisma.event.update({ where: { id: stage.eventId }, data: past(day) })
    }
    // Not over yet.
    stage.eventId = await stage.sales.event({ startsAt: '2029-01-01T18:00:00Z' })
    await sellOn('MEETUP', 4, 4)
    stage.eventId = own
    await sellOn('MEETUP', 3, 2)
    await sellOn('LUMA', 1, 0)
    const { status, body } = await showRates()
    expect(status).toBe(200)
    expect(body).toMatchObject({ sold: 4, attended: 2, share: 0.5 })
    expect(body.channels).toMatchObject([
      { platform: 'MEETUP', sold: 3, attended: 2, share: 0.667, history: { events: 2, sold: 8, attended: 4, share: 0.5 } },
      { platform: 'LUMA', sold: 1, attended: 0, share: 0, history: null },
      { platform: 'DIRECT', sold: 0, attended: 0, share: null, history: null },
    ])
  }) // prettier-ignore

  it('is for staff, and not for the door', async () => {
    expect((await showRates(stage.sales.operator)).status).toBe(200)
    expect((await showRates(stage.door)).status).toBe(403)
    stage.eventId = 'evt_none'
    expect((await showRates()).status).toBe(404)
  })
})
