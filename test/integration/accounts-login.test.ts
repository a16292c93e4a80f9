import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import {
  admin,
  makeCustomer,
  makeOperator,
  newEmail,
  newIp,
  PASSWORD,
  prisma,
  service,
  time,
  tryLogin,
  useAccounts,
} from '../support/accounts.js'
import { ADMIN } from '../support/app.js'

useAccounts()

describe('register', () => {
  it('makes a customer and shows no password', async () => {
    const body = { email: ' New.Person@Example.COM ', name: ' New ', password: PASSWORD }
    const made = await service.call('POST', '/auth/register', { body, ip: newIp() })
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      id: expect.stringMatching(/^usr_/),
      email: 'new.person@example.com',
      name: 'New',
      role: 'CUSTOMER',
    })
    const stored = await prisma.user.findUniqueOrThrow({ where: { email: 'new.person@example.com' } })
    expect(stored.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect((await tryLogin('NEW.person@example.com', PASSWORD, newIp())).status).toBe(200)
  })

  it('refuses an address that has an account, in any case, also when two come at once', async () => {
    const body = { email: newEmail(), name: 'A', password: PASSWORD }
    const statuses = await Promise.all(
      [body, { ...body, email: body.email.toUpperCase() }].map(async (each) => {
        return (await service.call('POST', '/auth/register', { body: each, ip: newIp() })).status
      }),
    )
    expect(new Set(statuses)).toEqual(new Set([201, 409]))
  })

  it.each([
    ['email', { email: 'nobody' }],
    ['password', { password: 'short' }],
    ['password', { password: 'x'.repeat(201) }],
    ['name', { name: '   ' }],
    ['role', { role: 'ADMIN' }],
  ])('refuses a bad %s', async (field, change) => {
    const body = { email: newEmail(), name: 'A', password: PASSWORD, ...change }
    const { status, body: problem } = await service.call('POST', '/auth/register', { body, ip: newIp() })
    expect(status).toBe(400)
    expect(problem).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ field }] })
  })

  it('takes 30 a minute from one address', async () => {
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

describe('login', () => {
  it('answers a token that works, and when it ends', async () => {
    const { email, id } = await makeCustomer()
    const { status, body, headers } = await tryLogin(email, PASSWORD, newIp())
    expect(status).toBe(200)
    expect(body.user).toEqual({ id, email, name: 'Carl', role: 'CUSTOMER' })
    expect(body.sessionId).toMatch(/^ses_/)
    expect(new Date(body.expiresAt).getTime()).toBeGreaterThan(Date.now())
    expect(headers['cache-control']).toBe('no-store')
    expect((await service.call('GET', '/for/customer', { token: body.accessToken })).status).toBe(200)
  })

  it('says the same of a wrong password and an unknown account, and takes as long', async () => {
    const { email } = await makeCustomer()
    const wrong = await tryLogin(email, 'not the password', newIp())
    const unknown = await tryLogin(newEmail(), 'not the password', newIp())
    expect(wrong.status).toBe(401)
    expect(unknown.status).toBe(401)
    expect(unknown.body).toEqual(wrong.body)
    const time = async (address: () => string) => {
      const times: number[] = []
      for (let n = 0; n < 9; n++) {
        const start = performance.now()
        await tryLogin(address(), 'not the password', newIp())
        times.push(performance.now() - start)
      }
      return times.toSorted((a, b) => a - b)[4] ?? 0
    }
    const [known, none] = [await time(() => email), await time(newEmail)]
    expect(none / known).toBeGreaterThan(0.5)
    expect(none / known).toBeLessThan(2)
  })

  it('is as wrong with what is no address at all', async () => {
    expect(await tryLogin('nobody', PASSWORD, newIp())).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    })
  })

  it('locks an account for one address after five failures, even with the right password', async () => {
    const { email } = await makeCustomer()
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

  it('locks an unknown account alike', async () => {
    const [email, ip] = [newEmail(), newIp()]
    for (let n = 0; n < 5; n++) expect((await tryLogin(email, 'wrong password', ip)).status).toBe(401)
    expect((await tryLogin(email, 'wrong password', ip)).status).toBe(429)
  })

  it('lets no more than five of many guesses at once through', async () => {
    const { email } = await makeCustomer()
    const ip = newIp()
    const guesses = await Promise.all(Array.from({ length: 20 }, (_, n) => tryLogin(email, `guess number ${n}`, ip)))
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(5)
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(15)
  })

  it('lets many good logins through at once', async () => {
    const { email } = await makeCustomer()
    const ip = newIp()
    const logins = await Promise.all(Array.from({ length: 12 }, () => tryLogin(email, PASSWORD, ip)))
    expect(logins.map(({ status }) => status)).toEqual(Array(12).fill(200))
  })

  it('forgets failures after a success, and in time', async () => {
    const { email } = await makeCustomer()
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

describe('access', () => {
  it.each([
    ['none', undefined],
    ['another scheme', 'Basic abc'],
    ['an empty one', 'Bearer '],
    ['rubbish', 'Bearer rubbish'],
  ])('answers 401 to %s', async (_what, authorization) => {
    const { status, body, headers } = await service.call('GET', '/for/customer', {
      headers: authorization ? { authorization } : {},
    })
    expect(status).toBe(401)
    expect(body).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(headers['www-authenticate']).toBe('Bearer')
  })

  it('refuses tokens that are forged, unsigned or of another secret', async () => {
    const { body } = await tryLogin(ADMIN.email, ADMIN.password, newIp())
    const [head = '', payload = '', signature = ''] = body.accessToken.split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    const other = await new SignJWT({ sid: body.sessionId })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('trafficpolice')
      .setExpirationTime('1h')
      .sign(Buffer.alloc(32, 1))
    const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`
    for (const token of [`${none}.${payload}.`, `${head}.${payload}.${flipped}`, other]) {
      expect((await service.call('GET', '/for/customer', { token })).status).toBe(401)
    }
    expect((await service.call('GET', '/for/customer', { token: body.accessToken })).status).toBe(200)
  })

  it('goes by the order of roles', async () => {
    const tokens: Record<string, string> = {
      ADMIN: admin,
      OPERATOR: (await makeOperator('OPERATOR')).token,
      VIEWER: (await makeOperator('VIEWER')).token,
      CUSTOMER: (await makeCustomer()).token,
    }
    const table = await Promise.all(
      Object.entries(tokens).map(async ([role, token]) => {
        const paths = ['/for/customer', '/for/viewer', '/for/operator', '/for/nobody-said', '/operators']
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

  it('tells the route who calls', async () => {
    const { id, email, token } = await makeOperator('OPERATOR')
    const { body } = await service.call('GET', '/for/operator', { token })
    expect(body).toEqual({ id, email, name: 'Olga', role: 'OPERATOR', sessionId: expect.stringMatching(/^ses_/) })
  })

  it('ends with its time', async () => {
    const { token } = await makeCustomer()
    time.aheadMs = 12 * 60 * 60 * 1000 + 1000
    expect((await service.call('GET', '/for/customer', { token })).status).toBe(401)
  })

  it('takes the cookie of a login for reading, not for changing', async () => {
    const { email } = await makeCustomer()
    const { headers } = await tryLogin(email, PASSWORD, newIp())
    const written = String(headers['set-cookie'])
    expect(written).toContain('HttpOnly')
    expect(written).toContain('SameSite=Strict')
    const cookie = `other=1; ${written.split(';')[0]}`
    expect((await service.call('GET', '/for/customer', { headers: { cookie } })).status).toBe(200)
    expect((await service.call('POST', '/for/customer', { headers: { cookie } })).status).toBe(401)
  })
})

describe('sessions', () => {
  it('lists the live ones of the caller, newest first, by pages', async () => {
    const { email, token } = await makeCustomer()
    const ip = newIp()
    const { accessToken } = (await tryLogin(email, PASSWORD, ip)).body
    await makeCustomer()
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
    'refuses the cursor %s',
    async (cursor) => {
      const { status, body } = await service.call('GET', `/auth/sessions?cursor=${cursor}`, { token: admin })
      expect(status).toBe(400)
      expect(body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ field: 'cursor' }] })
    },
  )

  it('ends one at once, and only one of the caller', async () => {
    const { email, token } = await makeCustomer()
    const other = (await tryLogin(email, PASSWORD, newIp())).body
    const stranger = await makeCustomer()
    const path = `/auth/sessions/${other.sessionId}`
    expect((await service.call('DELETE', path, { token: stranger.token })).status).toBe(404)
    expect((await service.call('GET', '/for/customer', { token: other.accessToken })).status).toBe(200)
    expect((await service.call('DELETE', path, { token })).status).toBe(204)
    expect((await service.call('GET', '/for/customer', { token: other.accessToken })).status).toBe(401)
    expect((await service.call('DELETE', path, { token })).status).toBe(204)
    expect((await service.call('GET', '/for/customer', { token })).status).toBe(200)
    expect((await service.call('DELETE', '/auth/sessions/nothing', { token })).status).toBe(404)
  })

  it('ends with a logout', async () => {
    const { token } = await makeCustomer()
    const { status, body, headers } = await service.call('POST', '/auth/logout', { token })
    expect(status).toBe(204)
    expect(body).toBeUndefined()
    expect(String(headers['set-cookie'])).toContain('Max-Age=0')
    expect((await service.call('POST', '/auth/logout', { token })).status).toBe(401)
  })

  it('notes when it was last seen, once a minute', async () => {
    const { token, id } = await makeCustomer()
    const lastSeen = async () => (await prisma.session.findFirstOrThrow({ where: { userId: id } })).lastSeenAt.getTime()
    const atLogin = await lastSeen()
    time.aheadMs = 30_000
    await service.call('GET', '/for/customer', { token })
    expect(await lastSeen()).toBe(atLogin)
    time.aheadMs = 61_000
    await service.call('GET', '/for/customer', { token })
    expect(await lastSeen()).toBeGreaterThanOrEqual(atLogin + 60_000)
  })
})
