import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'
import type { ConnectionDto, ListingsDto } from '../../../src/connection-commands/connections.dto.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { SECOND_TOKEN, startTwoAccounts, type TwoAccounts } from '../../support/fixtures/accounts.js'
import { LUMA_KEY, MEETUP_TOKEN, until } from '../../support/service/test-system.js'

const ENVIRONMENT = environmentConnectionId('EVENTBRITE')
const CREDENTIALS = { token: SECOND_TOKEN }

let two: TwoAccounts

beforeAll(async () => {
  two = await startTwoAccounts()
})
afterAll(() => two?.close())

interface Problem {
  code: string
  errors?: { field: string; message: string }[]
}

const call = <T = ConnectionDto & Problem>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) =>
  two.system.app.call<T>(method, `/connections${path}`, { token: two.system.token, ...(body && { body }) })
const list = async () => (await call<{ items: ConnectionDto[] }>('GET', '')).body.items
const find = async (id: string) => (await list()).find((connection) => connection.id === id)
const add = async (label = 'Second', credentials: object = CREDENTIALS) => {
  const { status, body } = await call('POST', '', { platform: 'EVENTBRITE', label, credentials })
  expect(status).toBe(201)
  return body
}
const createEvent = (channels: object[], capacity = 100) =>
  two.system.app.call<{ id: string }>('POST', '/events', {
    token: two.system.token,
    body: { name: 'An event', startsAt: '2031-01-01T18:00:00Z', capacity, channels },
  })

describe('The connections of the environment', () => {
  it('are listed with what their last check has shown', async () => {
    await until(async () => {
      expect((await list()).filter(({ fromEnvironment }) => fromEnvironment)).toMatchObject([
        { platform: 'EVENTBRITE', state: 'READY', account: { id: '300000000001', name: 'Ana Example' } },
        { platform: 'LUMA', state: 'READY', account: { id: 'usr-HOST1', name: 'Hedda Host' } },
        { platform: 'MEETUP', state: 'READY', account: { id: '70000099', name: 'Olga Organizer' }, webhook: 'POLLED' },
      ])
    })
    await until(async () => expect((await find(ENVIRONMENT))?.webhook).toBe('REGISTERED'))
    expect(await find(ENVIRONMENT)).toEqual({
      id: ENVIRONMENT,
      platform: 'EVENTBRITE',
      label: 'Environment',
      fromEnvironment: true,
      state: 'READY',
      checkedAt: expect.stringMatching(/Z$/),
      detail: null,
      account: { id: '300000000001', name: 'Ana Example' },
      webhook: 'REGISTERED',
      channels: 0,
    })
  })

  it('cannot be changed, removed or checked by request', async () => {
    for (const [method, path, body] of [
      ['PATCH', '', { label: 'Mine' }],
      ['DELETE', ''],
      ['POST', '/check'],
    ] as const) {
      const { status, body: problem } = await call(method, `/${ENVIRONMENT}${path}`, body)
      expect([status, problem.code], `${method} ${path}`).toEqual([409, 'STATE_CONFLICT'])
    }
  })
})

describe('A connection', () => {
  it('is added once the platform has accepted its credentials, which no response contains', async () => {
    const { status, body } = await call('POST', '', {
      platform: 'EVENTBRITE',
      label: 'Second',
      credentials: CREDENTIALS,
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      platform: 'EVENTBRITE',
      label: 'Second',
      fromEnvironment: false,
      state: 'READY',
      detail: null,
      account: { id: '300000000002', name: 'Ana Example' },
      webhook: 'MISSING',
      channels: 0,
    })
    expect(await find(body.id)).toEqual(body)
    expect(JSON.stringify([body, await list()])).not.toContain(SECOND_TOKEN)
    await until(async () => expect((await find(body.id))?.webhook).toBe('REGISTERED'))
    expect((await call('DELETE', `/${body.id}`)).status).toBe(204)
    expect((await call('DELETE', `/${body.id}`)).status).toBe(404)
    expect(await find(body.id)).toBeUndefined()
    const stored = await two.system.app.app
      .get(PrismaService)
      .storedValue.findMany({ where: { key: { contains: body.id } } })
    expect(stored).toEqual([])
  })

  it.each([
    ['EVENTBRITE', { token: 'refused-token' }, 'credentials'],
    ['LUMA', { apiKey: 'refused-key' }, 'credentials'],
    ['MEETUP', { accessToken: 'refused-token' }, 'credentials'],
    ['MEETUP', { clientKey: 'c', memberId: '1', signingKeyId: 'k', privateKey: 'no-key-at-all' }, 'credentials'],
    ['EVENTBRITE', {}, 'credentials'],
    ['MEETUP', { clientKey: 'c' }, 'credentials'],
    ['MEETUP', { accessToken: 'a', clientKey: 'c' }, 'credentials'],
    ['EVENTBRITE', { token: 'a b' }, 'credentials.token'],
    ['EVENTBRITE', { token: 7 }, 'credentials.token'],
    ['EVENTBRITE', { token: 'a', more: 'b' }, 'credentials.more'],
    ['LUMA', { apiKey: LUMA_KEY, webhookSecret: ' ' }, 'credentials.webhookSecret'],
  ] as const)('of %s with unusable credentials is not added (%j)', async (platform, credentials, field) => {
    const before = await list()
    const { status, body } = await call('POST', '', { platform, label: 'No', credentials })
    expect([status, body.code, body.errors?.map((one) => one.field)]).toEqual([400, 'VALIDATION_FAILED', [field]])
    for (const secret of Object.values(credentials)) {
      if (String(secret).length > 3) expect(JSON.stringify(body)).not.toContain(secret)
    }
    expect((await list()).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
  })

  it('for listings without an API has no credentials and is READY', async () => {
    const body = { platform: 'MANUAL', label: 'Lists', credentials: {} }
    const { status, body: lists } = await call('POST', '', body)
    expect([status, lists]).toMatchObject([201, { platform: 'MANUAL', state: 'READY', account: null, channels: 0 }])
    expect(await call('POST', `/${lists.id}/check`)).toMatchObject({ status: 200, body: { state: 'READY' } })
    expect(await call('GET', `/${lists.id}/listings`)).toMatchObject({
      status: 200,
      body: { items: [], nextCursor: null },
    })
    const event = await createEvent([{ platform: 'MANUAL', externalEventId: 'Facebook' }])
    expect(event).toMatchObject({ status: 201, body: { channels: [{ connectionId: lists.id }] } })
    expect((await call('DELETE', `/${lists.id}`)).status).toBe(409)
    const refused = await call('POST', '', { ...body, credentials: { token: 'x' } })
    expect([refused.status, refused.body.errors?.[0]?.field]).toEqual([400, 'credentials.token'])
  })

  it('of another kind of platform, without a label or with unknown fields is not added', async () => {
    const body = { platform: 'EVENTBRITE', label: 'No', credentials: CREDENTIALS }
    for (const [change, field] of [
      [{ platform: 'DIRECT' }, 'platform'],
      [{ label: '' }, 'label'],
      [{ label: 'two\nlines' }, 'label'],
      [{ credentials: 'text' }, 'credentials'],
      [{ state: 'READY' }, 'state'],
    ] as const) {
      const response = await call('POST', '', { ...body, ...change })
      expect([response.status, response.body.errors?.[0]?.field]).toEqual([400, field])
    }
  })

  it('is added as UNREACHABLE while the platform is unreachable, and is READY once it responds', async () => {
    two.front.state.down = true
    const added = await add('Unreachable')
    expect(added).toMatchObject({ state: 'UNREACHABLE', account: null, detail: expect.stringContaining('respond') })
    two.front.state.down = false
    // The breaker of the connection closes on its own.
    await until(async () => {
      expect((await call('POST', `/${added.id}/check`)).body).toMatchObject({
        state: 'READY',
        account: { id: '300000000002' },
        detail: null,
      })
    })
    await call('DELETE', `/${added.id}`)
  })

  it('gets another label or other credentials, unless those are refused', async () => {
    const { id } = await add()
    expect((await call('PATCH', `/${id}`, { label: 'Renamed' })).body).toMatchObject({
      id,
      label: 'Renamed',
      state: 'READY',
    })
    const refused = await call('PATCH', `/${id}`, { credentials: { token: 'refused-token' } })
    expect([refused.status, refused.body.errors?.[0]?.field]).toEqual([400, 'credentials'])
    expect(await find(id)).toMatchObject({ label: 'Renamed', state: 'READY', account: { id: '300000000002' } })
    const replaced = await call('PATCH', `/${id}`, { credentials: CREDENTIALS })
    expect(replaced.body).toMatchObject({ label: 'Renamed', account: { id: '300000000002' } })
    expect((await call('PATCH', '/con_none', { label: 'x' })).status).toBe(404)
    expect((await call('POST', '/con_none/check')).status).toBe(404)
    const audit = await two.system.app.app.get(PrismaService).auditEntry.findMany({ where: { subject: id } })
    expect(audit.map(({ action }) => action).toSorted()).toEqual([
      'connection.change',
      'connection.change',
      'connection.create',
    ])
    expect(JSON.stringify(audit.map(({ before, after }) => [before, after]))).not.toContain(SECOND_TOKEN)
    await call('DELETE', `/${id}`)
  })

  it('is not removed while a channel of a live event uses it', async () => {
    const { id } = await add()
    const externalEventId = two.second.control.createEvent({ capacityTotal: 1 }).id
    const event = await createEvent([{ platform: 'EVENTBRITE', connectionId: id, externalEventId }])
    expect(event.status).toBe(201)
    const refused = await call('DELETE', `/${id}`)
    expect([refused.status, refused.body.code]).toEqual([409, 'STATE_CONFLICT'])
    expect(await find(id)).toMatchObject({ channels: 1 })
    // What keeps it: where a person detaches the channel.
    const using = () =>
      two.system.app.call<{ items: object[] }>('GET', `/events?connectionId=${id}`, { token: two.system.token })
    expect((await using()).body.items).toMatchObject([{ id: event.body.id }])
    const twice = await createEvent([{ platform: 'EVENTBRITE', connectionId: ENVIRONMENT, externalEventId }])
    expect(twice.status).toBe(409)
    const channels = await two.system.app.call<{ channels: { id: string }[] }>('GET', `/events/${event.body.id}`, {
      token: two.system.token,
    })
    const [channel] = channels.body.channels
    const detached = await two.system.app.call('DELETE', `/events/${event.body.id}/channels/${channel?.id}`, {
      token: two.system.token,
      body: { reason: 'moved', assume: 'SOLD_ONLY' },
    })
    expect(detached.status).toBe(202)
    expect((await using()).body.items).toEqual([])
    expect((await call('DELETE', `/${id}`)).status).toBe(204)
    await until(() => expect(two.second.control.webhooks()).toEqual([]))
  })
})

describe('The listings of a connection', () => {
  const listings = (path: string) => call<ListingsDto & Problem>('GET', path)

  it('are those ahead, with their ticket types and our event', async () => {
    const { id } = await add()
    const classes = [
      { name: 'Early', capacity: 20, costCents: 1_200 },
      { name: 'Crew', capacity: 5, costCents: 0, hidden: true },
    ]
    const truth = two.second.control.createEvent({ name: 'Winter fair', capacityTotal: 25, classes })
    two.second.control.createEvent({ name: 'Last winter', start: '2020-01-01T10:00:00Z', end: '2020-01-01T12:00:00Z' })
    const [early, crew] = truth.classes
    two.second.control.buy({ eventId: truth.id, ticketClassId: early?.id, quantity: 2 })
    const event = await createEvent([{ platform: 'EVENTBRITE', connectionId: id, externalEventId: truth.id }])
    const { status, body } = await listings(`/${id}/listings?q=winter`)
    expect(status).toBe(200)
    expect(body).toEqual({
      items: [
        {
          externalEventId: truth.id,
          name: 'Winter fair',
          startsAt: expect.stringMatching(/^\d{4}-.*Z$/),
          timezone: 'UTC',
          url: `https://www.eventbrite.com/e/${truth.id}`,
          capacity: expect.any(Number),
          sold: 2,
          eventId: event.body.id,
          ticketTypes: [
            {
              externalTicketClassId: early?.id,
              name: 'Early',
              capacity: 20,
              sold: 2,
              priceCents: 1_200,
              currency: 'USD',
              hidden: false,
            },
            expect.objectContaining({ externalTicketClassId: crew?.id, priceCents: 0, hidden: true }),
          ],
        },
      ],
      nextCursor: null,
    })
    expect((await listings(`/${ENVIRONMENT}/listings?q=winter`)).body.items).toEqual([])
  })

  it('are paged, each once', async () => {
    const { id } = await add('Paged')
    for (let index = 0; index < 60; index++) two.second.control.createEvent({ name: `Paged ${index}` })
    const seen: string[] = []
    let cursor: string | null = ''
    for (let pages = 0; cursor !== null && pages < 10; pages++) {
      const { body } = await listings(`/${id}/listings?q=paged&limit=25&cursor=${cursor}`)
      expect(body.items.length).toBeLessThanOrEqual(25)
      seen.push(...body.items.map(({ name }) => name))
      cursor = body.nextCursor
    }
    expect([seen.length, new Set(seen).size]).toEqual([60, 60])
    for (const bad of [
      'x',
      Buffer.from('[{"a":1},0]').toString('base64url'),
      Buffer.from('[null,-1]').toString('base64url'),
    ]) {
      const refused = await listings(`/${id}/listings?cursor=${bad}`)
      expect([refused.status, refused.body.errors?.[0]?.field], bad).toEqual([400, 'cursor'])
    }
    expect((await listings('/con_none/listings')).status).toBe(404)
    await call('DELETE', `/${id}`)
  })

  it.each([
    [
      'LUMA',
      (name: string) =>
        two.system.luma.control.createEvent({ name, ticketTypes: [{ type: 'paid', maxCapacity: 9 }] }).eventId,
    ],
    ['MEETUP', (name: string) => two.system.meetup.control.createEvent({ title: name, capacity: 9 }).eventId],
  ] as const)('of %s are read too', async (platform, create) => {
    const externalEventId = create('A rare name')
    const { status, body } = await listings(`/${environmentConnectionId(platform)}/listings?q=RARE`)
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body.items).toMatchObject([{ externalEventId, name: 'A rare name', eventId: null }])
    const [item] = body.items
    const own = { LUMA: { capacity: null, sold: null }, MEETUP: { capacity: 9, sold: 0 } }[platform]
    expect(item).toMatchObject(own)
    expect(item?.ticketTypes.map(({ capacity, priceCents, currency }) => [capacity, priceCents, currency])).toEqual(
      platform === 'LUMA' ? [[9, 1_500, 'USD']] : [],
    )
  })
})

describe('The detail of a check names what is missing', () => {
  it('for a key without an API plan, which is refused', async () => {
    two.system.luma.control.context.state.hasPlan = false
    const { status, body } = await call('POST', '', { platform: 'LUMA', label: 'x', credentials: { apiKey: LUMA_KEY } })
    two.system.luma.control.context.state.hasPlan = true
    expect(status).toBe(400)
    expect(body.errors).toMatchObject([{ field: 'credentials', message: expect.stringContaining('no API plan') }])
  })

  it('for a member who may not edit the events of any group', async () => {
    two.system.meetup.toggles.patch({ memberRole: 'MEMBER' })
    const credentials = { accessToken: MEETUP_TOKEN }
    const { body } = await call('POST', '', { platform: 'MEETUP', label: 'A member', credentials })
    two.system.meetup.toggles.patch({ memberRole: 'ORGANIZER' })
    expect(body).toMatchObject({ state: 'READY', detail: 'this member may not edit the events of any group' })
    await call('DELETE', `/${body.id}`)
  })
})
