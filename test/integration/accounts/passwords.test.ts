import { describe, expect, it, vi } from 'vitest'
import { MailedTokens } from '../../../src/accounts/mailed-tokens.js'
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

useAccounts({ SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'x@example.com', PUBLIC_URL: 'https://tickets.example.com' })

const NEW = 'another good password'

const change = (body: object, token?: string, ip = newIp()) =>
  service.call<{ code?: string; errors?: { field: string }[] }>('POST', '/auth/password', {
    body,
    ip,
    ...(token ? { token } : {}),
  })

const requestReset = (email: unknown, ip = newIp()) =>
  service.call('POST', '/auth/password-reset', { body: { email }, ip })

const mailsTo = (recipient: string, kind: string) =>
  prisma.mail.findMany({ where: { recipient, kind }, orderBy: { createdAt: 'asc' } })

/** The token of the newest link sent to this address. */
async function linkFor(email: string, which = 1): Promise<string> {
  await vi.waitFor(async () => expect(await mailsTo(email, 'PASSWORD_RESET')).toHaveLength(which), 5_000)
  const mails = await mailsTo(email, 'PASSWORD_RESET')
  return /https:\/\/tickets\.example\.com\/#\/password\/(\S+)/.exec(mails.at(-1)?.text ?? '')?.[1] ?? ''
}

const works = async (token: string) => (await service.call('GET', '/for/customer', { token })).status === 200

describe('POST /auth/password with the current password', () => {
  it('sets the new one, ends all other sessions and keeps this one', async () => {
    const { email, token } = await createCustomer()
    const other = (await tryLogin(email, PASSWORD, newIp())).body.accessToken
    expect((await change({ currentPassword: PASSWORD, newPassword: NEW }, token)).status).toBe(204)
    expect([await works(token), await works(other)]).toEqual([true, false])
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(401)
    expect((await tryLogin(email, NEW, newIp())).status).toBe(200)
    expect(await mailsTo(email, 'PASSWORD_CHANGED')).toHaveLength(1)
  })

  it('is 400 for a wrong one, five times at most, and 401 without a session', async () => {
    const { token } = await createCustomer()
    const ip = newIp()
    for (let n = 0; n < 5; n++) {
      const wrong = await change({ currentPassword: 'wrong password', newPassword: NEW }, token, ip)
      expect([wrong.status, wrong.body.errors?.[0]?.field]).toEqual([400, 'currentPassword'])
    }
    expect((await change({ currentPassword: PASSWORD, newPassword: NEW }, token, ip)).status).toBe(429)
    expect((await change({ currentPassword: PASSWORD, newPassword: NEW })).status).toBe(401)
    expect((await change({ currentPassword: PASSWORD, newPassword: NEW }, `${token}x`)).status).toBe(401)
  })

  it('requires exactly one proof and a password of the usual length', async () => {
    const { token } = await createCustomer()
    for (const body of [
      { newPassword: NEW },
      { token: 'x', currentPassword: PASSWORD, newPassword: NEW },
      { currentPassword: PASSWORD, newPassword: 'short' },
      { currentPassword: PASSWORD, newPassword: 'x'.repeat(201) },
      { currentPassword: PASSWORD },
    ]) {
      expect((await change(body, token)).status).toBe(400)
    }
  })

  it('is audited for staff, without the password', async () => {
    const { id, token } = await createOperator('VIEWER')
    expect((await change({ currentPassword: PASSWORD, newPassword: NEW }, token)).status).toBe(204)
    const entry = await prisma.auditEntry.findFirst({ where: { subject: id, action: 'operator.password' } })
    expect(entry).toMatchObject({ actorId: id, after: { passwordChanged: true } })
  })

  it('leaves no session of a login that checked the password before', async () => {
    const { email, token } = await createCustomer()
    const logins = Array.from({ length: 6 }, () => tryLogin(email, PASSWORD, newIp()))
    const [changed, ...opened] = await Promise.all([
      change({ currentPassword: PASSWORD, newPassword: NEW }, token),
      ...logins,
    ])
    expect(changed.status).toBe(204)
    for (const { status, body } of opened) expect(status === 200 && (await works(body.accessToken))).toBe(false)
  })
})

describe('The session cookie behind HTTPS', () => {
  it('has a name that only this host can set, and a cookie without it is ignored', async () => {
    const { email, token } = await createCustomer()
    const login = await tryLogin(email, PASSWORD, newIp())
    const set = String(login.headers['set-cookie'])
    expect(set).toMatch(/^__Host-trafficpolice_session=[\w.-]+; .*Path=\/; .*HttpOnly; Secure; SameSite=Strict/)
    expect(set).not.toContain('Domain')
    const read = async (cookie: string) => (await service.call('GET', '/for/customer', { headers: { cookie } })).status
    expect(await read(set.split(';')[0] ?? '')).toBe(200)
    expect(await read(`trafficpolice_session=${token}`)).toBe(401)
    const logout = await service.call('POST', '/auth/logout', { token: login.body.accessToken })
    expect(String(logout.headers['set-cookie'])).toMatch(/__Host-trafficpolice_session=; .*Secure/)
  })
})

describe('POST /auth/password-reset', () => {
  it('sends a link whose token sets a new password once, and ends every session', async () => {
    const { email, token } = await createCustomer()
    expect(await requestReset(` ${email.toUpperCase()} `)).toMatchObject({ status: 202, body: undefined })
    const proof = await linkFor(email)
    const results = await Promise.all(
      [NEW, 'a third password'].map((newPassword) => change({ token: proof, newPassword })),
    )
    expect(results.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 400])
    expect((await change({ token: proof, newPassword: NEW })).body.errors?.[0]?.field).toBe('token')
    expect(await works(token)).toBe(false)
    const chosen = results[0]?.status === 204 ? NEW : 'a third password'
    expect((await tryLogin(email, chosen, newIp())).status).toBe(200)
    expect(await prisma.user.findFirst({ where: { email } })).toMatchObject({ emailVerifiedAt: expect.any(Date) })
  })

  it('sends links to staff, and unlocks an account that was locked by wrong passwords', async () => {
    const { email } = await createOperator('OPERATOR')
    const ip = newIp()
    for (let n = 0; n < 5; n++) await tryLogin(email, 'wrong password', ip)
    await requestReset(email)
    expect((await change({ token: await linkFor(email), newPassword: NEW })).status).toBe(204)
    expect((await tryLogin(email, NEW, ip)).status).toBe(200)
  })

  it('sends links that end after 30 minutes, and with any other change of the password', async () => {
    const { id, email, token } = await createOperator('VIEWER')
    await requestReset(email)
    const first = await linkFor(email)
    time.aheadMs = 31 * 60_000
    expect((await change({ token: first, newPassword: NEW })).status).toBe(400)
    time.aheadMs = 0
    expect((await change({ currentPassword: PASSWORD, newPassword: NEW }, token)).status).toBe(204)
    expect((await change({ token: first, newPassword: NEW })).status).toBe(400)
    time.aheadMs = 301_000
    await requestReset(email)
    const second = await linkFor(email, 2)
    await service.call('PATCH', `/operators/${id}`, { token: admin, body: { active: false } })
    expect((await change({ token: second, newPassword: NEW })).status).toBe(400)
  })

  it('refuses forged tokens, those of another account and those of another purpose', async () => {
    const { email } = await createCustomer()
    const victim = await prisma.user.findFirstOrThrow({ where: { id: (await createCustomer()).id } })
    await requestReset(email)
    const proof = await linkFor(email)
    const verification = { name: 'verify e-mail', lifetimeSeconds: 600, facts: () => [victim.email] }
    const forged = [
      proof.slice(0, -1),
      `${proof}x`,
      proof.replace(/\.\d+\./, '.99999999999.'),
      proof.replace(/^\w+/, victim.id),
      service.app.get(MailedTokens).create(verification, victim),
    ]
    for (const token of forged) expect((await change({ token, newPassword: NEW })).status).toBe(400)
    expect((await change({ token: proof, newPassword: NEW })).status).toBe(204)
  })

  it('responds in the same way for an unknown address, and sends nothing to it', async () => {
    const { email } = await createCustomer()
    const unknown = newEmail()
    const [one, other] = [await requestReset(email), await requestReset(unknown)]
    expect([one.status, one.body, other.status, other.body]).toEqual([202, undefined, 202, undefined])
    expect((await requestReset('no address')).status).toBe(202)
    await linkFor(email)
    expect(await prisma.mail.count({ where: { recipient: unknown } })).toBe(0)
  })

  it('does not wait for the account: the time of a response shows nothing of it', async () => {
    const { id, email } = await createCustomer()
    await prisma.$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT id FROM users WHERE id = ${id} FOR UPDATE`
      expect((await requestReset(email)).status).toBe(202)
      expect(await mailsTo(email, 'PASSWORD_RESET')).toEqual([])
    })
    await linkFor(email)
  })

  it('sends at most one mail in five minutes to an account, and accepts ten requests a minute from a client', async () => {
    const { email } = await createCustomer()
    const ip = newIp()
    const statuses = []
    for (let n = 0; n < 12; n++) statuses.push((await requestReset(email, ip)).status)
    expect(statuses).toEqual([...Array(10).fill(202), 429, 429])
    await linkFor(email)
    time.aheadMs = 301_000
    await requestReset(email)
    await linkFor(email, 2)
  })
})
