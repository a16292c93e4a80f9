import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { StockCalculation } from '../../src/events/stock/stock-calculation.js'
import { Concurrency } from '../../src/infrastructure/http/load/concurrency.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { Sales } from '../support/fixtures/sales.js'
import { StreamReader } from '../support/http/stream-reader.js'

let sales: Sales
let url: string

beforeAll(async () => {
  sales = await Sales.start()
  await sales.service.app.listen(0, '127.0.0.1')
  url = await sales.service.app.getUrl()
})
afterAll(() => sales.stop())

const cookieOf = async (credentials: { email: string; password: string }) => {
  const response = await sales.service.call('POST', '/auth/login', { body: credentials })
  return String(response.headers['set-cookie']).split(';', 1)[0] ?? ''
}

describe('GET /stream', () => {
  it('opens without reading the stock of events, of which there may be many', async () => {
    await sales.event()
    const read = vi.spyOn(sales.service.app.get(StockCalculation), 'rows')
    const reader = await StreamReader.open(url, { authorization: `Bearer ${sales.operator.token}` })
    expect(read).not.toHaveBeenCalled()
    read.mockRestore()
    await reader.next('mode')
    reader.close()
  })

  it('does not occupy the place of a request for as long as it is open', async () => {
    const leave = vi.spyOn(Concurrency.prototype, 'leave')
    const reader = await StreamReader.open(url, { authorization: `Bearer ${sales.operator.token}` })
    await reader.next('mode')
    expect(leave).toHaveBeenCalledTimes(1)
    reader.close()
    await reader.ended
    // The place is not left a second time.
    await sales.service.call('GET', '/events', { token: sales.operator.token })
    expect(leave).toHaveBeenCalledTimes(2)
    leave.mockRestore()
  })

  it('shows all dashboards a change that was read and serialized once', async () => {
    const eventId = await sales.event()
    const open = () => StreamReader.open(url, { authorization: `Bearer ${sales.admin.token}` })
    const readers = await Promise.all(Array.from({ length: 10 }, open))
    await sales.hold(eventId, { quantity: 1 })
    const read = vi.spyOn(sales.service.app.get(StockCalculation), 'rows')
    await sales.hold(eventId, { quantity: 2 })
    const shown = await Promise.all(readers.map((reader) => reader.next('stock', (data) => data['held'] === 3)))
    expect(new Set(shown.map(({ data }) => JSON.stringify(data))).size).toBe(1)
    // The first hold may be read together with the second or before it.
    expect(read.mock.calls.length).toBeLessThanOrEqual(2)
    read.mockRestore()
    for (const reader of readers) reader.close()
  })

  it('sends the current mode, then the stock and the order of each sale', async () => {
    const eventId = await sales.event()
    const reader = await StreamReader.open(url, { authorization: `Bearer ${sales.operator.token}` })
    expect((await reader.next('mode')).data).toMatchObject({ mode: 'NORMAL', forced: false })
    const hold = await sales.createHold(eventId, { quantity: 2 })
    expect((await reader.next('stock', (data) => data['held'] === 2)).data).toMatchObject({ eventId, sold: 0 })
    await sales.confirm(hold.id)
    expect((await reader.next('stock', (data) => data['sold'] === 2)).data).toMatchObject({ eventId, held: 0 })
    expect((await reader.next('order')).data).toMatchObject({ eventId, platform: 'DIRECT', quantity: 2 })
    reader.close()
  })

  it('sends changes made by another process', async () => {
    const eventId = await sales.event()
    const second = await sales.startInstance()
    const reader = await StreamReader.open(url, { authorization: `Bearer ${sales.operator.token}` })
    await reader.next('mode')
    await sales.hold(eventId, { quantity: 3 }, { on: second })
    expect((await reader.next('stock', (data) => data['held'] === 3)).data).toMatchObject({ eventId })
    reader.close()
    await second.close()
  })

  it('sends alerts when they are raised and acknowledged', async () => {
    const reader = await StreamReader.open(url, { authorization: `Bearer ${sales.operator.token}` })
    await reader.next('mode')
    const prisma = sales.service.app.get(PrismaService)
    const id = 'alr_0123456789abcdef0123456789abcdef'
    await prisma.alert.create({ data: { id, kind: 'DRIFT', detail: 'a test', dedupeKey: 'a test' } })
    expect((await reader.next('alert')).data).toMatchObject({ id, acknowledgedAt: null })
    await sales.service.call('POST', `/alerts/${id}/acknowledge`, { token: sales.operator.token })
    const acknowledged = await reader.next('alert', (data) => data['acknowledgedAt'] !== null)
    expect(acknowledged.data).toMatchObject({ id, acknowledgedBy: sales.operator.email })
    reader.close()
  })

  it('requires a staff token or cookie, and ends with the session', async () => {
    expect((await sales.service.call('GET', '/stream')).status).toBe(401)
    expect((await sales.service.call('GET', '/stream', { token: sales.customer.token })).status).toBe(403)
    const staff = { email: sales.operator.email, password: 'a good password' }
    const reader = await StreamReader.open(url, { cookie: await cookieOf(staff) })
    await reader.next('mode')
    await sales.prisma.session.updateMany({
      where: { userId: sales.operator.id },
      data: { revokedAt: new Date() },
    })
    await reader.ended
    sales.operator.token = await sales.service.login(staff)
  }, 30_000)

  it('returns 503 beyond 20 open streams', async () => {
    const readers: StreamReader[] = []
    for (let count = 0; count < 20; count++) {
      readers.push(await StreamReader.open(url, { authorization: `Bearer ${sales.admin.token}` }))
    }
    const refused = await fetch(`${url}/api/v1/stream`, { headers: { authorization: `Bearer ${sales.admin.token}` } })
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ code: 'UNAVAILABLE' })
    for (const reader of readers) reader.close()
    await expect
      .poll(async () => {
        const retried = await StreamReader.open(url, { authorization: `Bearer ${sales.admin.token}` }).catch(() => null)
        retried?.close()
        return retried !== null
      })
      .toBe(true)
  })
})

describe('GET /', () => {
  it('sends a content security policy that allows only scripts of its own origin', async () => {
    const { status, headers } = await sales.service.call('GET', '//')
    // 503: the page was not built.
    expect([200, 503]).toContain(status)
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe')
  })

  it('serves no file outside the build', async () => {
    for (const name of ['..%2findex.html', '%2e%2e/package.json', 'nothing.js']) {
      expect([404, 503]).toContain((await sales.service.call('GET', `//assets/${name}`)).status)
    }
  })
})

describe('GET /admin/queues', () => {
  it('is restricted to admins', async () => {
    const open = (headers: Record<string, string>) => sales.service.call('GET', '//admin/queues', { headers })
    expect((await open({})).status).toBe(401)
    expect((await open({ authorization: `Bearer ${sales.operator.token}` })).status).toBe(403)
    expect((await open({ authorization: `Bearer ${sales.admin.token}` })).status).toBe(200)
    const cookie = await cookieOf({ email: sales.admin.email, password: 'admin password' })
    expect((await open({ cookie })).status).toBe(200)
    const api = await sales.service.call('GET', '//admin/queues/api/queues', { headers: { cookie } })
    expect(api.status).toBe(200)
    expect(api.body).toMatchObject({
      queues: expect.arrayContaining([expect.objectContaining({ name: 'deliveries' })]),
    })
  })

  it('rejects changes by requests that another site could have sent', async () => {
    const cookie = await cookieOf({ email: sales.admin.email, password: 'admin password' })
    const pause = (headers: Record<string, string>) =>
      sales.service.call('PUT', '//admin/queues/api/queues/deliveries/pause', { headers: { cookie, ...headers } })
    expect((await pause({ 'sec-fetch-site': 'cross-site' })).status).toBe(401)
    expect((await pause({})).status).toBe(401)
  })
})

describe('The API of the event page', () => {
  it('returns active holds with their holder, and no ended ones', async () => {
    const eventId = await sales.event()
    const active = await sales.createHold(eventId, { quantity: 1 })
    const released = await sales.createHold(eventId, { quantity: 2 })
    await sales.release(released.id)
    const { body } = await sales.service.call('GET', `/events/${eventId}/holds`, { token: sales.operator.token })
    expect(body).toMatchObject({
      items: [{ id: active.id, quantity: 1, holder: 'Buyer', state: 'HELD' }],
      nextCursor: null,
    })
  })

  it('returns a sales curve that ends at the current sales', async () => {
    const eventId = await sales.event()
    const { id } = await sales.createHold(eventId, { quantity: 4 })
    await sales.confirm(id)
    const { body } = await sales.service.call<{ times: string[]; channels: { platform: string; sold: number[] }[] }>(
      'GET',
      `/events/${eventId}/sales-curve`,
      { token: sales.operator.token },
    )
    const direct = body.channels.find(({ platform }) => platform === 'DIRECT')
    expect(direct?.sold).toHaveLength(body.times.length)
    expect(direct?.sold.at(-1)).toBe(4)
  })

  it('returns the ledger filtered, and completely as CSV without formulas', async () => {
    const eventId = await sales.event({ safetyStockRatio: 0.1 })
    const token = sales.operator.token
    const body = {
      quantity: 2,
      buyer: { name: 'Jane', email: 'jane@example.com' },
      reason: '=HYPERLINK("x"), with "quotes"',
    }
    expect((await sales.service.call('POST', `/events/${eventId}/safety-stock/sales`, { token, body })).status).toBe(
      201,
    )
    const list = (query: string) =>
      sales.service.call<{ items: { from: string }[] }>('GET', `/events/${eventId}/movements?${query}`, { token })
    expect((await list('account=SOLD:DIRECT')).body.items).toEqual([
      expect.objectContaining({ from: 'SAFETY', quantity: 2 }),
    ])
    expect((await list('q=hyperlink')).body.items).toHaveLength(1)
    expect((await list('account=NOWHERE')).status).toBe(400)
    const csv = await sales.service.call<string>('GET', `/events/${eventId}/ledger.csv`, { token })
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
    const lines = csv.body.trim().split('\r\n')
    expect(lines[0]).toBe('id,recordedAt,from,to,quantity,reason,actor,operationId,epoch,seq,fromChannelId,toChannelId')
    expect(lines.at(-1)).toContain('SAFETY,SOLD:DIRECT,2,"safety stock sale: =HYPERLINK(""x""), with ""quotes"""')
    expect((await list('')).body.items).toHaveLength(lines.length - 1)
  })

  it('returns 404 for an unknown event', async () => {
    for (const part of ['holds', 'channels', 'sales-curve', 'rebalances', 'ledger.csv']) {
      const { status } = await sales.service.call('GET', `/events/evt_nothing/${part}`, { token: sales.operator.token })
      expect(status, part).toBe(404)
    }
  })

  it('freezes and unfreezes rebalancing for operators, and records the actor', async () => {
    const eventId = await sales.event()
    const command = (action: string, token = sales.operator.token) =>
      sales.service.call('POST', `/events/${eventId}/${action}`, { token })
    expect((await command('freeze', sales.customer.token)).status).toBe(403)
    expect((await command('freeze')).body).toMatchObject({ id: eventId, frozen: true })
    expect((await command('freeze')).body).toMatchObject({ frozen: true })
    expect((await command('unfreeze')).body).toMatchObject({ frozen: false })
    const entries = await sales.prisma.auditEntry.findMany({
      where: { subject: eventId, action: { contains: 'freeze' } },
    })
    expect(entries.map(({ action }) => action)).toEqual(['event.freeze', 'event.unfreeze'])
    expect((await command('channels/LUMA/pause')).status).toBe(404)
    expect((await command('channels/NOWHERE/sync')).status).toBe(404)
  })
})
