import { describe, expect, it } from 'vitest'
import { startStubPlatform, type StubResponse } from '../../../test/support/platforms/stub-platform.js'
import { EventbriteAdapter } from '../eventbrite/eventbrite-adapter.js'
import { LumaAdapter } from '../luma/luma-adapter.js'
import { MeetupAdapter } from '../meetup/meetup-adapter.js'
import type { PlatformAdapter } from '../port.js'

const now = () => new Date('2026-11-07T12:00:00.000Z')
const NOT_FOUND: StubResponse = { status: 404, json: { message: 'Not Found', error: 'NOT_FOUND', status_code: 404 } }
const ORGANIZATIONS: StubResponse = {
  json: { pagination: { has_more_items: false }, organizations: [{ id: '7' }, { id: '8' }] },
}

async function eventbrite(user: StubResponse, organizations = ORGANIZATIONS): Promise<PlatformAdapter> {
  const { http, url } = await startStubPlatform('EVENTBRITE', ({ path }) =>
    path.includes('organizations') ? organizations : user,
  )
  return new EventbriteAdapter({ config: { apiUrl: `${url}/v3`, token: 't', webhookToken: null }, http, now })
}

async function luma(user: StubResponse): Promise<PlatformAdapter> {
  const { http, url } = await startStubPlatform('LUMA', ({ path }) =>
    path.includes('get-self') ? user : { json: { entries: [], has_more: false } },
  )
  const sleep = () => Promise.resolve()
  return new LumaAdapter({ config: { apiUrl: url, apiKey: 'k' }, http, now, sleep })
}

async function meetup(respond: (query: string) => object): Promise<PlatformAdapter> {
  const { http, url } = await startStubPlatform('MEETUP', ({ body }) => {
    return { json: respond((body as { query: string }).query) }
  })
  const config = { apiUrl: url, credentials: { accessToken: 't' }, webhookSecret: null }
  return new MeetupAdapter({ config, http, now })
}

const check = (adapter: PlatformAdapter) => adapter.checkAccess(null, { lane: 'bulk' })

describe('A platform that accepts the credentials, but does not show the account as expected, is accessible:', () => {
  it.each([
    ['the user is not found', NOT_FOUND],
    ['the user has no id', { json: { name: 'Ana' } }],
  ])('Eventbrite, when %s: the account is its organizations', async (_name, user) => {
    expect(await check(await eventbrite(user))).toMatchObject({
      kind: 'OK',
      value: { account: { id: '7,8', name: null }, subscribed: null },
    })
  })

  it.each([
    ['the user is not found', NOT_FOUND],
    ['the user has no id', { json: { name: 'Hedda' } }],
  ])('Luma, when %s', async (_name, user) => {
    expect(await check(await luma(user))).toMatchObject({ kind: 'OK', value: { account: null, subscribed: null } })
  })

  it('Meetup, when the schema has no groups of the member', async () => {
    const unknownField = { message: 'Cannot query field', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }
    const adapter = await meetup((query) =>
      query.includes('memberships') ? { errors: [unknownField] } : { data: { self: { id: '9', name: 'Olga' } } },
    )
    expect(await check(adapter)).toEqual({
      kind: 'OK',
      value: { account: { id: '9', name: 'Olga' }, subscribed: null },
    })
  })
})

describe('A platform that refuses the credentials is not accessible:', () => {
  it('Eventbrite, for a token that belongs to no user', async () => {
    const forbidden = { status: 403, json: { error: 'NOT_AUTHORIZED', error_description: 'No.', status_code: 403 } }
    expect((await check(await eventbrite(forbidden))).kind).toBe('AUTH_FAILED')
    expect((await check(await eventbrite(NOT_FOUND, forbidden))).kind).toBe('FORBIDDEN')
  })

  it('Luma, for an unknown key', async () => {
    expect((await check(await luma({ status: 401, json: { message: 'No.' } }))).kind).toBe('AUTH_FAILED')
  })

  it('Meetup, for a token without an account', async () => {
    expect((await check(await meetup(() => ({ data: { self: null } })))).kind).toBe('AUTH_FAILED')
  })
})
