import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Digests } from '../../../src/notifications/collection/digests.js'
import { Milestones } from '../../../src/notifications/collection/milestones.js'
import { NotificationBench } from '../../support/fixtures/notifications.js'
import { until } from '../../support/service/test-system.js'

let bench: NotificationBench
let milestones: Milestones
let digests: Digests

beforeAll(async () => {
  bench = await NotificationBench.start()
  milestones = bench.sales.service.app.get(Milestones)
  digests = bench.sales.service.app.get(Digests)
  bench.run()
})
afterAll(() => bench?.stop())
afterEach(async () => {
  await bench.removeAll()
  await bench.sales.prisma.event.updateMany({ data: { closedSince: new Date(0) } })
})

const titles = () => bench.receiver.received.map(({ body }) => (body['data'] as { title: string }).title)
const titlesInOutbox = async () => {
  const rows = await bench.sales.prisma.notificationMessage.findMany({ orderBy: { id: 'asc' } })
  return rows.map(({ content }) => (content as { title: string }).title)
}

async function buy(eventId: string, quantity: number): Promise<void> {
  const { id } = await bench.sales.createHold(eventId, { quantity })
  expect((await bench.sales.confirm(id)).status).toBe(200)
}

describe('A milestone of sales', () => {
  it('is notified once per capacity: 50 %, soft cap, sold out', async () => {
    await bench.add('WEBHOOK', '/hook', ['MILESTONE'])
    await bench.add('WEBHOOK', '/alerts', ['ALERT'])
    const eventId = await bench.sales.event({ name: 'Gala', capacity: 10, softCapRatio: 0.9 })
    await buy(eventId, 4)
    await milestones.collect()
    expect(await titlesInOutbox()).toEqual([])
    await buy(eventId, 1)
    await milestones.collect()
    await Promise.all([milestones.collect(), milestones.collect()])
    await until(() => expect(titles()).toEqual(['Gala: 50 % sold']))
    await bench.sales.service.call('PATCH', `/events/${eventId}`, {
      token: bench.sales.operator.token,
      body: { softCapRatio: 1 },
    })
    await buy(eventId, 5)
    await milestones.collect()
    await milestones.collect()
    await until(() => expect(titles()).toEqual(['Gala: 50 % sold', 'Gala: soft cap reached', 'Gala: sold out']))
    expect(bench.receiver.received[2]?.body).toMatchObject({
      type: 'MILESTONE',
      data: {
        milestone: 'SOLD_OUT',
        sold: 10,
        capacity: 10,
        eventId,
        url: `https://tickets.example.com/#/events/${eventId}`,
      },
    })
    const raised = await bench.sales.service.call('PATCH', `/events/${eventId}`, {
      token: bench.sales.operator.token,
      body: { capacity: 20 },
    })
    expect(raised.status).toBe(200)
    await milestones.collect()
    await until(() => expect(titles().slice(3)).toEqual(['Gala: 50 % sold']))
  })

  it('that was reached before there was a target is not notified to a later one', async () => {
    const eventId = await bench.sales.event({ capacity: 10, softCapRatio: 1 })
    await buy(eventId, 6)
    await milestones.collect()
    await bench.add('WEBHOOK', '/hook')
    await milestones.collect()
    expect(await titlesInOutbox()).toEqual([])
  })
})

describe('A digest', () => {
  it('is one message per day about all events whose time has come, with what was sold since the last one', async () => {
    const { sales } = bench
    await bench.add('WEBHOOK', '/hook', ['DIGEST'])
    const inBerlin = { timezone: 'Europe/Berlin' }
    const ids = [await sales.event({ name: 'A', ...inBerlin }), await sales.event({ name: 'B', ...inBerlin })]
    await sales.event({ name: 'C', timezone: 'America/New_York' })
    const closed = await sales.event({ name: 'D', ...inBerlin })
    await sales.prisma.event.update({ where: { id: closed }, data: { closedSince: new Date() } })
    await buy(ids[0]!, 3)
    const collectAt = (instant: string) => digests.collectAt(new Date(instant))
    await collectAt('2028-07-01T05:59:00Z')
    expect(await titlesInOutbox()).toEqual([])
    await collectAt('2028-07-01T06:00:00Z')
    await collectAt('2028-07-01T06:00:20Z')
    await until(() => expect(titles()).toEqual(['Sales of 2 events']))
    await buy(ids[0]!, 2)
    await collectAt('2028-07-02T06:01:00Z')
    await until(() => expect(titles()).toHaveLength(2))
    expect(bench.receiver.received[1]?.body).toMatchObject({
      type: 'DIGEST',
      data: {
        text: 'A: 5 of 100 sold (+2 since the last digest)\nB: 0 of 100 sold (+0 since the last digest)',
        count: 2,
        events: [
          { eventId: ids[0], sold: 5, soldSince: 2 },
          { eventId: ids[1], sold: 0 },
        ],
      },
    })
    // 08:00 in New York.
    await collectAt('2028-07-02T12:00:00Z')
    await until(() => expect(titles()[2]).toBe('Sales of C'))
  })
})
