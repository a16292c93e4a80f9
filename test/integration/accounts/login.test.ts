import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import {
  admin,
  createCustomer,
  createOperator,
  newEmail,
  newIp,
  PASSWORD,
  prisma,
  service,
  time,
  tryLogin,
  useAccounts,
} from '../../support/http/accounts.js'
import { ADMIN } from '../../support/service/app.js'

useAccounts()

describe('POST /auth/register', () => {
  it('creates a customer and returns no password', async () => {
    const body = { email: ' New.Person@Example.COM ', name: ' New ', password: PASSWORD }
    const created = await service.call('POST', '/auth/register', { body, ip: newIp() })
    expect(created.status).toBe(201)
    expect(created.body).toEqual({
      id: expect.stringMatching(/^usr_/),
      email: 'new.person@example.com',
      name: 'New',
      role: 'CUSTOMER',
    })
    const stored = await prisma.user.findUniqueOrThrow({ where: { email: 'new.person@example.com' } })
    expect(stored.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect((await tryLogin('NEW.person@example.com', PASSWORD, newIp())).status).toBe(200)
  })

  it('returns 409 for a registered email address, regardless of case and with concurrent requests', async () => {
    const body = { email: newEmail(), name: 'A', password: PASSWORD }
    const statuses = await Promise.all(
      [body, { ...body, email: body.email.toUpperCase() }].map(async (each) => {
        return (await service.call('POST', '/auth/register', { body: each, ip: newIp() })).status
      }),
    )
    expect(new Set(statuses)).toEqual(new Set([201, 409]))
  })

  it.each([
    ['email', { email: 'no-at-sign' }],
    ['password', { password: 'short' }],
    ['password', { password: 'x'.repeat(201) }],
    ['name', { name: '   ' }],
    ['role', { role: 'ADMIN' }],
  ])('returns 400 for an invalid %s', async (field, change) => {
    const body = { email: newEmail(), name: 'A', password: PASSWORD, ...change }
    const { status, body: problem } = await service.call('POST', '/auth/register', { body, ip: newIp() })
    expect(status).toBe(400)
    expect(problem).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ field }] })
  })

  it('accepts 30 requests per minute from one IP address', async () => {
    const ip = newIp()
    const attempt = () => service.call('POST', '/auth/register', { body: {}, ip })
    for (let n = 0; n < 30; n++) expect((await attempt()).status).toBe(400)
    const refused = await attempt()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    time.aheadMs = 61_000
    expect((await attempt()).status).toBe(400)
  })
})

describe('POST /auth/login', () => {
  it('returns a valid access token and its expiry', async () => {
    const { email, id } = await createCustomer()
    const { status, body, headers } = await tryLogin(email, PASSWORD, newIp())
    expect(status).toBe(200)
    expect(body.user).toEqual({ id, email, name: 'Carl', role: 'CUSTOMER' })
    expect(body.sessionId).toMatch(/^ses_/)
    expect(new Date(body.expiresAt).getTime()).toBeGreaterThan(Date.now())
    expect(headers['cache-control']).toBe('no-store')
    expect((await service.call('GET', '/for/customer', { token: body.accessToken })).status).toBe(200)
  })

  it('returns the same response, in the same time, for a wrong password and an unknown account', async () => {
    const { email } = await createCustomer()
    const wrong = await tryLogin(email, 'not the password', newIp())
    const unknown = await tryLogin(newEmail(), 'not the password', newIp())
    expect(wrong.status).toBe(401)
    expect(unknown.status).toBe(401)
    expect(unknown.body).toEqual(wrong.body)
    const timeOf = async (address: string) => {
      const start = performance.now()
      await tryLogin(address, 'not the password', newIp())
      return performance.now() - start
    }
    const median = (times: number[]) => times.toSorted((a, b) => a - b)[4] ?? 0
    const [known, others]: [number[], number[]] = [[], []]
    // Alternately: both have the same share of what else the machine does.
    for (let n = 0; n < 9; n++) {
      known.push(await timeOf(email))
      others.push(await timeOf(newEmail()))
    }
    const [knownMs, unknownMs] = [median(known), median(others)]
    expect(unknownMs / knownMs).toBeGreaterThan(0.5)
    expect(unknownMs / knownMs).toBeLessThan(2)
  })

  it('returns 401 for a malformed email address', async () => {
    expect(await tryLogin('no-at-sign', PASSWORD, newIp())).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    })
  })

  it('locks an account for one IP address after five failures, even for the correct password', async () => {
    const { email } = await createCustomer()
    const ip = newIp()
    for (let n = 0; n < 5; n++) expect((await tryLogin(email, 'wrong password', ip)).status).toBe(401)
    const locked = await tryLogin(email, PASSWORD, ip)
    expect(locked.status).toBe(429)
    expect(locked.body).toMatchObject({ code: 'RATE_LIMITED' })
    const seconds = Number(locked.headers['retry-after'])
    expect(seconds).toBeGreaterThan(890)
    expect(seconds).toBeLessThanOrEqual(900)
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(200)
    expect((await tryLogin(newEmail(), PASSWORD, ip)).status).toBe(401)
    time.aheadMs = (seconds - 2) * 1000
    expect((await tryLogin(email, PASSWORD, ip)).status).toBe(429)
    time.aheadMs = (seconds + 1) * 1000
    expect((await tryLogin(email, PASSWORD, ip)).status).toBe(200)
  })

  it('locks an unknown account in the same way', async () => {
    const [email, ip] = [newEmail(), newIp()]
    for (let n = 0; n < 5; n++) expect((await tryLogin(email, 'wrong password', ip)).status).toBe(401)
    expect((await tryLogin(email, 'wrong password', ip)).status).toBe(429)
  })

  it('evaluates at most five of 20 concurrent password guesses', async () => {
    const { email } = await createCustomer()
    const ip = newIp()
    const guesses = await Promise.all(Array.from({ length: 20 }, (_, n) => tryLogin(email, `guess number ${n}`, ip)))
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(5)
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(15)
  })

  it('accepts 12 concurrent logins with the correct password', async () => {
    const { email } = await createCustomer()
    const ip = newIp()
    const logins = await Promise.all(Array.from({ length: 12 }, () => tryLogin(email, PASSWORD, ip)))
    expect(logins.map(({ status }) => status)).toEqual(Array(12).fill(200))
  })

  it('clears failures after a successful login and after two hours', async () => {
    const { email } = await createCustomer()
    const ip = newIp()
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 4; n++) expect((await tryLogin(email, 'wrong password', ip)).status).toBe(401)
      expect((await tryLogin(email, PASSWORD, ip)).status).toBe(200)
    }
    await tryLogin(email, 'wrong password', ip)
    time.aheadMs = 2 * 60 * 60 * 1000
    await tryLogin(newEmail(), 'wrong password', newIp())
    expect(await prisma.loginFailure.count({ where: { email } })).toBe(0)
  })
})

describe('Access control', () => {
  it.each([
    ['a missing authorization header', undefined],
    ['another scheme', 'Basic abc'],
    ['an empty bearer token', 'Bearer '],
    ['a malformed bearer token', 'Bearer rubbish'],
  ])('returns 401 for %s', async (_name, authorization) => {
    const { status, body, headers } = await service.call('GET', '/for/customer', {
      headers: authorization ? { authorization } : {},
    })
    expect(status).toBe(401)
    expect(body).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(headers['www-authenticate']).toBe('Bearer')
  })

  it('rejects tokens that are forged, unsigned or signed with another secret', async () => {
    const { body } = await tryLogin(ADMIN.email, ADMIN.password, newIp())
    const [header = '', payload = '', signature = ''] = body.accessToken.split('.')
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    const otherSecret = await new SignJWT({ sid: body.sessionId })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('trafficpolice')
      .setExpirationTime('1h')
      .sign(Buffer.alloc(32, 1))
    const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`
    for (const token of [`${unsigned}.${payload}.`, `${header}.${payload}.${flipped}`, otherSecret]) {
      expect((await service.call('GET', '/for/customer', { token })).status).toBe(401)
    }
    expect((await service.call('GET', '/for/customer', { token: body.accessToken })).status).toBe(200)
  })

  it('grants each role the routes of all lower roles', async () => {
    const tokens: Record<string, string> = {
      ADMIN: admin,
      OPERATOR: (await createOperator('OPERATOR')).token,
      VIEWER: (await createOperator('VIEWER')).token,
      CUSTOMER: (await createCustomer()).token,
    }
    const table = await Promise.all(
      Object.entries(tokens).map(async ([role, token]) => {
        const paths = ['/for/customer', '/for/viewer', '/for/operator', '/for/no-decorator', '/operators']
        const statuses = await Promise.all(
          paths.map(async (path) => (await service.call('GET', path, { token })).status),
        )
        return [role, statuses]
      }),
    )
    expect(Object.fromEntries(table)).toEqual({
      ADMIN: [200, 200, 200, 200, 200],
      OPERATOR: [200, 200, 200, 403, 403],
      VIEWER: [200, 200, 403, 403, 403],
      CUSTOMER: [200, 403, 403, 403, 403],
    })
    const refused = await service.call('GET', '/for/viewer', { token: tokens['CUSTOMER'] ?? '' })
    expect(refused.body).toMatchObject({ code: 'FORBIDDEN', status: 403 })
  })

  it('passes the authenticated user to the route', async () => {
    const { id, email, token } = await createOperator('OPERATOR')
    const { body } = await service.call('GET', '/for/operator', { token })
    expect(body).toEqual({
      id,
      email,
      name: 'Olga',
      role: 'OPERATOR',
      sessionId: expect.stringMatching(/^ses_/),
      emailVerified: false,
    })
  })

  it('rejects an expired token', async () => {
    const { token } = await createCustomer()
    time.aheadMs = 12 * 60 * 60 * 1000 + 1000
    expect((await service.call('GET', '/for/customer', { token })).status).toBe(401)
  })

  it('accepts the login cookie for GET requests only', async () => {
    const { email } = await createCustomer()
    const { headers } = await tryLogin(email, PASSWORD, newIp())
    const setCookie = String(headers['set-cookie'])
    expect(setCookie).toContain('HttpOnly')
    expect(setCookie).toContain('SameSite=Strict')
    const cookie = `other=1; ${setCookie.split(';')[0]}`
    expect((await service.call('GET', '/for/customer', { headers: { cookie } })).status).toBe(200)
    expect((await service.call('POST', '/for/customer', { headers: { cookie } })).status).toBe(401)
  })
})

describe('Session management', () => {
  it('lists the active sessions of the caller, newest first, in pages', async () => {
    const { email, token } = await createCustomer()
    const ip = newIp()
    const { accessToken } = (await tryLogin(email, PASSWORD, ip)).body
    await createCustomer()
    type List = { items: { id: string; current: boolean }[]; nextCursor: string | null }
    const { body } = await service.call<List>('GET', '/auth/sessions', { token: accessToken })
    expect(body.items.map(({ current }) => current)).toEqual([true, false])
    expect(body.nextCursor).toBeNull()
    expect(body.items[0]).toEqual({
      id: expect.any(String),
      ip,
      userAgent: 'lightMyRequest',
      createdAt: expect.any(String),
      lastSeenAt: expect.any(String),
      expiresAt: expect.any(String),
      current: true,
    })
    const first = (await service.call<List>('GET', '/auth/sessions?limit=1', { token })).body
    const second = (await service.call<List>('GET', `/auth/sessions?limit=1&cursor=${first.nextCursor}`, { token }))
      .body
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(body.items.map(({ id }) => id))
    expect(second.nextCursor).toBeNull()
  })

  it.each(['rubbish', 'c2VzXzE', Buffer.from("ses_' OR 1=1").toString('base64url')])(
    'returns 400 for the cursor %s',
    async (cursor) => {
      const { status, body } = await service.call('GET', `/auth/sessions?cursor=${cursor}`, { token: admin })
      expect(status).toBe(400)
      expect(body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ field: 'cursor' }] })
    },
  )

  it('revokes a session of the caller immediately, and never one of another user', async () => {
    const { email, token } = await createCustomer()
    const other = (await tryLogin(email, PASSWORD, newIp())).body
    const stranger = await createCustomer()
    const path = `/auth/sessions/${other.sessionId}`
    expect((await service.call('DELETE', path, { token: stranger.token })).status).toBe(404)
    expect((await service.call('GET', '/for/customer', { token: other.accessToken })).status).toBe(200)
    expect((await service.call('DELETE', path, { token })).status).toBe(204)
    expect((await service.call('GET', '/for/customer', { token: other.accessToken })).status).toBe(401)
    expect((await service.call('DELETE', path, { token })).status).toBe(204)
    expect((await service.call('GET', '/for/customer', { token })).status).toBe(200)
    expect((await service.call('DELETE', '/auth/sessions/nothing', { token })).status).toBe(404)
  })

  it('revokes the session on logout', async () => {
    const { token } = await createCustomer()
    const { status, body, headers } = await service.call('POST', '/auth/logout', { token })
    expect(status).toBe(204)
    expect(body).toBeUndefined()
    expect(String(headers['set-cookie'])).toContain('Max-Age=0')
    expect((await service.call('POST', '/auth/logout', { token })).status).toBe(401)
  })

  it('updates lastSeenAt at most once per minute', async () => {
    const { token, id } = await createCustomer()
    const lastSeen = async () => (await prisma.session.findFirstOrThrow({ where: { userId: id } })).lastSeenAt.getTime()
    const atLogin = await lastSeen()
    time.aheadMs = 30_000
    await service.call('GET', '/for/customer', { token })
    expect(await lastSeen()).toBe(atLogin)
    time.aheadMs = 61_000
    await service.call('GET', '/for/customer', { token })
    await expect.poll(lastSeen).toBeGreaterThanOrEqual(atLogin + 60_000)
  })
})
