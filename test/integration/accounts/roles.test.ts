import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Sales, type Person } from '../../support/fixtures/sales.js'

interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  path: string
}

/** Not among them: what every user has, what is not called by users, and a response that never ends. */
const OTHER = /^\/(auth|webhooks|stream)\b/

let sales: Sales
/** Every route of the API that requires signing in. */
let routes: Route[]

beforeAll(async () => {
  sales = await Sales.start()
  const { body } = await sales.service.call<{ paths: Record<string, object> }>('GET', '//docs-json')
  const all = Object.entries(body.paths)
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({
        method: method.toUpperCase() as Route['method'],
        path: path.replace(/^\/api\/v1/, '').replaceAll(/\{\w+\}/g, 'unknown'),
      })),
    )
    .filter(({ path }) => !OTHER.test(path))
  const needSignIn = await Promise.all(all.map(async (route) => (await statusOf(route)) === 401))
  routes = all.filter((_, index) => needSignIn[index])
})

afterAll(() => sales?.stop())

async function statusOf({ method, path }: Route, by?: Person): Promise<number> {
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} }
  return (await sales.service.call(method, path, { ...(by ? { token: by.token } : {}), ...body })).status
}

/** The routes that do not refuse a user of this role. */
async function allowed(by: Person): Promise<Route[]> {
  const statuses = await Promise.all(routes.map(async (route) => statusOf(route, by)))
  return routes.filter((_, index) => statuses[index] !== 403)
}

const isChange = ({ method }: Route) => method !== 'GET'
const named = ({ method, path }: Route) => `${method} ${path}`

describe('The routes of the API', () => {
  it('let a VIEWER read and change nothing', async () => {
    const own = await allowed(await sales.staff('VIEWER'))
    expect(own.filter(isChange).map(named)).toEqual([])
    expect(own.map(named)).toEqual(expect.arrayContaining(['GET /events', 'GET /events/unknown/stock', 'GET /alerts']))
  })

  it('let an OPERATOR do what an ADMIN may, except for people, their mails, accounts on platforms, notification targets, the cancellation of listings and decisions about the safety stock', async () => {
    const own = (await allowed(sales.operator)).map(named)
    const refused = routes.map(named).filter((name) => !own.includes(name))
    const isForAdmins =
      /\/operators|^(POST|PATCH|DELETE) \/connections|^\w+ \/notifications|\/people$|^DELETE \/demo$|^\w+ \/system\/mails|^PATCH \/customers|\/cancel-listings$|\/releases\/unknown\/(approve|reject)$/
    expect(refused.filter((name) => !isForAdmins.test(name))).toEqual([])
    expect(own).toEqual(expect.arrayContaining(['POST /events/unknown/holds', 'DELETE /holds/unknown']))
    expect((await allowed(sales.admin)).length).toBe(routes.length)
  })

  it('let a DOOR user do nothing but let in who comes, and sign in and out', async () => {
    const door = await sales.staff('DOOR')
    expect((await allowed(door)).map(named).toSorted()).toEqual([
      'GET /events/unknown/attendees',
      'GET /events/unknown/attendees.csv',
      'GET /events/unknown/calendar.ics',
      'GET /events/unknown/door',
      'GET /events/unknown/door/list',
      'POST /events/unknown/check-ins',
      'POST /events/unknown/walk-ins',
    ])
    const sessions = await sales.service.call('GET', '/auth/sessions', { token: door.token })
    expect(sessions.status).toBe(200)
    expect((await sales.service.call('POST', '/auth/logout', { token: door.token })).status).toBe(204)
    expect((await sales.service.call('GET', '/auth/sessions', { token: door.token })).status).toBe(401)
  })

  it('let a customer do nothing but hold, buy, read their own and change whose a ticket is', async () => {
    expect((await allowed(sales.customer)).map(named).toSorted()).toEqual([
      'DELETE /holds/unknown',
      'GET /events/unknown/calendar.ics',
      'GET /events/unknown/seats',
      'GET /holds/unknown',
      'GET /tickets',
      'GET /tickets/unknown/qr.png',
      'GET /tickets/unknown/qr.svg',
      'POST /events/unknown/holds',
      'POST /holds/unknown/confirm',
      'POST /orders/unknown/tickets/resend',
      'POST /tickets/unknown/transfer',
    ])
  })

  it('refuse a VIEWER who would hold or buy tickets before anything is held', async () => {
    const viewer = await sales.staff('VIEWER')
    const eventId = await sales.event()
    const held = await sales.hold(eventId, { quantity: 50, ttlSeconds: 86_400 }, { by: viewer })
    expect(held).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
    expect((await sales.expectSound(eventId)).HELD).toBe(0)
    const demoted = await sales.staff('OPERATOR')
    const { id } = await sales.createHold(eventId, { quantity: 1 }, demoted)
    const body = { role: 'VIEWER' }
    await sales.service.call('PATCH', `/operators/${demoted.id}`, { token: sales.admin.token, body })
    expect((await sales.confirm(id, { by: demoted })).status).toBe(403)
    expect((await sales.get(id, demoted)).status).toBe(200)
  })

  it('let logout and the sessions of a VIEWER be their own', async () => {
    const viewer = await sales.staff('VIEWER')
    expect((await sales.service.call('DELETE', '/auth/sessions/ses_none', { token: viewer.token })).status).toBe(404)
    expect((await sales.service.call('POST', '/auth/logout', { token: viewer.token })).status).toBe(204)
  })
})
