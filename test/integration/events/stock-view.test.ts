import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { EventQueries } from '../../../src/events/event-queries.js'
import { StockCalculation } from '../../../src/events/stock/stock-calculation.js'
import type { StockDto } from '../../../src/events/stock/stock.dto.js'
import { StockVersions } from '../../../src/events/stock/stock-versions.js'
import type { TestApp } from '../../support/service/app.js'
import { Sales } from '../../support/fixtures/sales.js'

let sales: Sales
let second: TestApp

beforeAll(async () => {
  sales = await Sales.start()
  second = await sales.startInstance()
})
afterAll(async () => {
  await second.close()
  await sales.stop()
})

const stockOf = async (eventId: string, on: TestApp = sales.service) => {
  const { status, headers, body } = await on.call<StockDto>('GET', `/events/${eventId}/stock`, {
    token: sales.operator.token,
  })
  expect(status).toBe(200)
  expect(headers['content-type']).toBe('application/json; charset=utf-8')
  return body
}

/** Holds in the other process and reads in this one at once, several times; returns how many reads showed the hold. */
async function readsThatShowTheirHold(): Promise<number> {
  const eventId = await sales.event()
  await stockOf(eventId)
  let shown = 0
  for (let held = 1; held <= 10; held++) {
    await sales.hold(eventId, { quantity: 1 }, { on: second })
    if ((await stockOf(eventId)).held === held) shown += 1
  }
  return shown
}

describe('GET /events/:id/stock', () => {
  it('shows what a client has just changed in another process', async () => {
    expect(await readsThatShowTheirHold()).toBe(10)
  })

  it('would not, if reads trusted a version for some time', async () => {
    const versions = sales.service.app.get(StockVersions)
    const read = versions.of.bind(versions)
    const trusted = new Map<string, Promise<string | undefined>>()
    const spy = vi.spyOn(versions, 'of').mockImplementation((id) => {
      const version = trusted.get(id) ?? read(id)
      trusted.set(id, version)
      return version
    })
    expect(await readsThatShowTheirHold()).toBeLessThan(10)
    spy.mockRestore()
  })

  it('is read from its rows once per change, however many read it', async () => {
    const eventId = await sales.event()
    const rows = vi.spyOn(sales.service.app.get(StockCalculation), 'rows')
    const readMany = () => Promise.all(Array.from({ length: 30 }, () => stockOf(eventId)))
    await readMany()
    await readMany()
    expect(rows).toHaveBeenCalledTimes(1)
    await sales.hold(eventId, { quantity: 2 })
    expect(new Set((await readMany()).map(({ held }) => held))).toEqual(new Set([2]))
    await readMany()
    expect(rows).toHaveBeenCalledTimes(2)
    rows.mockRestore()
  })

  it('follows the clock without a change of a row: direct sales end, and asOf is the time of the request', async () => {
    const eventId = await sales.event()
    const salesEndAt = new Date(Date.now() + 1_500)
    await sales.prisma.event.update({ where: { id: eventId }, data: { salesEndAt } })
    const directMode = async () => (await stockOf(eventId)).channels.at(-1)?.mode
    expect(await directMode()).toBe('OPEN')
    await expect.poll(directMode, { timeout: 5_000, interval: 20 }).toBe('WAITLIST_ONLY')
    expect(Date.now()).toBeLessThan(salesEndAt.getTime() + 1_000)
    const first = await stockOf(eventId)
    const next = await stockOf(eventId)
    expect(Date.parse(next.asOf)).toBeGreaterThan(Date.parse(first.asOf))
  })

  it('returns 404 for an unknown event', async () => {
    const { status, body } = await sales.service.call('GET', '/events/evt_nothing/stock', {
      token: sales.operator.token,
    })
    expect({ status, body }).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
  })
})

describe('GET /events', () => {
  it('reads the page once for requests of the same moment, and fails those with a wrong cursor alone', async () => {
    await sales.event()
    const list = (query: string) =>
      sales.service.call<{ items: unknown[] }>('GET', `/events?${query}`, { token: sales.operator.token })
    const read = vi.spyOn(sales.service.app.get(EventQueries), 'list')
    const responses = await Promise.all(
      Array.from({ length: 12 }, (_, index) => list(index % 3 === 0 ? 'cursor=wrong' : 'state=ON_SALE')),
    )
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => [400, 200, 200]).flat())
    const [, page] = responses
    expect(page?.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(page?.body.items.length).toBeGreaterThan(0)
    // Two reads may be under way at once.
    expect(read.mock.calls.filter(([{ state }]) => state === 'ON_SALE').length).toBeLessThanOrEqual(2)
    read.mockRestore()
  })
})
