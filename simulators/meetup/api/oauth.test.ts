import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { EVENT, LIMIT, startTestHarness } from '../harness.test-support.js'
import type { SimulatorOptions } from '../server.js'

const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const otherKeys = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const client = {
  clientKey: 'client_example',
  memberId: '70000099',
  signingKeys: [{ id: 'key_example', publicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString() }],
}

let harness: Awaited<ReturnType<typeof startTestHarness>>
async function open(options: SimulatorOptions = {}) {
  harness = await startTestHarness({ credentials: { clients: [client] }, ...options })
  harness.control.createEvent({ id: EVENT, capacity: 5 })
  return harness
}
afterEach(() => harness.simulator.close())

interface GrantResponse {
  access_token: string
  refresh_token: string
  token_type: string
  expires_in: number
  error?: string
}

async function grant(form: Record<string, string>): Promise<{ status: number; body: GrantResponse }> {
  const response = await fetch(harness.simulator.tokenUrl, { method: 'POST', body: new URLSearchParams(form) })
  return { status: response.status, body: (await response.json()) as GrantResponse }
}

interface Claims {
  iss?: string
  sub?: string
  aud?: string
  exp?: number
  kid?: string
  typ?: string
  key?: typeof keys.privateKey
}

async function byJwt({ iss, sub, aud, exp, kid, typ, key }: Claims = {}) {
  const assertion = await new SignJWT({ sub: sub ?? '70000099' })
    .setProtectedHeader({ alg: 'RS256', typ: typ ?? 'JWT', kid: kid ?? 'key_example' })
    .setIssuer(iss ?? 'client_example')
    .setAudience(aud ?? 'api.meetup.com')
    .setExpirationTime(exp ?? Math.floor(harness.clock.now() / 1_000) + 120)
    .sign(key ?? keys.privateKey)
  return grant({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion })
}

const refresh = (token: string) =>
  grant({ grant_type: 'refresh_token', client_id: 'client_example', refresh_token: token })

describe('access tokens', () => {
  it('are granted for a signed JWT and work until they expire', async () => {
    const { graphql, clock } = await open()
    const { status, body } = await byJwt()
    expect(status).toBe(200)
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 3_600 })
    expect((await graphql(LIMIT, { id: EVENT }, body.access_token)).body.data?.event?.maxTickets).toBe(5)
    clock.advance(3_600_000)
    expect((await graphql(LIMIT, { id: EVENT }, body.access_token)).status).toBe(401)
  })

  it.each<[string, Claims, string]>([
    ['for another audience', { aud: 'example.com' }, 'invalid_grant'],
    ['that is expired', { exp: Math.floor(Date.now() / 1_000) - 600 }, 'invalid_grant'],
    ['signed by an unknown key', { kid: 'other' }, 'invalid_client'],
    ['signed by another key with the same id', { key: otherKeys.privateKey }, 'invalid_grant'],
    ['issued by another client', { iss: 'other' }, 'invalid_grant'],
    ['for a member who does not own the client', { sub: '1' }, 'invalid_grant'],
    ['with another typ header', { typ: 'at+jwt' }, 'invalid_client'],
  ])('are not granted for a JWT %s', async (_case, claims, error) => {
    await open()
    const { status, body } = await byJwt(claims)
    expect([400, 401]).toContain(status)
    expect(body.error).toBe(error)
  })

  it('are not granted for other input or without a Pro subscription', async () => {
    await open()
    const jwt = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    expect((await grant({ grant_type: jwt, assertion: 'nonsense' })).body.error).toBe('invalid_grant')
    expect((await grant({ grant_type: jwt })).body.error).toBe('invalid_request')
    expect((await grant({ grant_type: 'password' })).body.error).toBe('invalid_request')
    expect((await refresh('nonsense')).body.error).toBe('invalid_grant')
    harness.control.setProActive(false)
    expect((await byJwt()).body.error).toBe('unauthorized_client')
  })

  it('are refreshed by a single-use refresh token', async () => {
    const { graphql } = await open()
    const first = (await byJwt()).body
    const second = (await refresh(first.refresh_token)).body
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect((await graphql(LIMIT, { id: EVENT }, second.access_token)).status).toBe(200)
    expect((await refresh(first.refresh_token)).body.error).toBe('invalid_grant')
    expect((await refresh(second.refresh_token)).status).toBe(200)
  })

  it.each([
    ['that is reusable', { singleUseRefresh: 'no' } as const, false],
    ['that is not rotated', { rotateRefreshToken: 'no' } as const, true],
  ])('are refreshed by a refresh token %s', async (_case, toggles, same) => {
    await open({ toggles })
    const first = (await byJwt()).body
    const second = (await refresh(first.refresh_token)).body
    expect(second.refresh_token === first.refresh_token).toBe(same)
    expect((await refresh(first.refresh_token)).status).toBe(200)
  })
})
