import { describe, expect, it } from 'vitest'
import {
  admin,
  AccountsRoot,
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
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { Clock } from '../../../src/infrastructure/time/clock.js'
import { createTestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'
import { startTestApp, type TestApp } from '../../support/service/app.js'

useAccounts()

interface Customer {
  id: string
  email: string
  active: boolean
  emailVerified: boolean
}

const setActive = (id: string, active: unknown, token = admin) =>
  service.call<Customer>('PATCH', `/customers/${id}`, { token, body: { active } })

describe('The customers API', () => {
  it('lists customers to operators, newest first, by name or e-mail address', async () => {
    const operator = await createOperator('OPERATOR')
    const first = await createCustomer()
    const second = await createCustomer()
    const list = async (query: string, token = operator.token) =>
      (await service.call<{ items: Customer[] }>('GET', `/customers?${query}`, { token })).body
    expect((await list('limit=2')).items.map(({ id }) => id)).toEqual([second.id, first.id])
    expect((await list(`q=${encodeURIComponent(first.email.toUpperCase())}`)).items).toEqual([
      {
        id: first.id,
        email: first.email,
        name: 'Carl',
        role: 'CUSTOMER',
        active: true,
        emailVerified: false,
        createdAt: expect.any(String),
      },
    ])
    expect((await list('q=carl&limit=100')).items.length).toBeGreaterThanOrEqual(2)
    expect((await list('q=100%25')).items).toEqual([])
    expect(await list('', (await createOperator('VIEWER')).token)).toMatchObject({ code: 'FORBIDDEN' })
    expect(await list('', first.token)).toMatchObject({ code: 'FORBIDDEN' })
  })

  it('deactivates a customer, whose tokens and password are refused until activated again', async () => {
    const { id, email, token } = await createCustomer()
    const operator = await createOperator('OPERATOR')
    expect((await setActive(id, false, operator.token)).status).toBe(403)
    const changed = await setActive(id, false)
    expect([changed.status, changed.body]).toMatchObject([200, { id, active: false }])
    expect((await service.call('POST', '/for/customer', { token })).status).toBe(401)
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(401)
    expect((await setActive(id, false)).status).toBe(200)
    expect((await setActive(id, true)).body).toMatchObject({ active: true })
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(200)
    const audited = await prisma.auditEntry.findMany({ where: { subject: id, action: 'customer.change' } })
    expect(audited.map(({ after }) => after)).toEqual([{ active: false }, { active: true }])
  })

  it('changes customers only, and nothing but their access', async () => {
    const { id } = await createCustomer()
    const operator = await createOperator('OPERATOR')
    expect((await setActive(operator.id, false)).status).toBe(404)
    expect((await setActive(id, 'no')).status).toBe(400)
    expect((await service.call('PATCH', `/customers/${id}`, { token: admin, body: {} })).status).toBe(400)
    const promoted = { active: true, role: 'ADMIN' }
    expect((await service.call('PATCH', `/customers/${id}`, { token: admin, body: promoted })).status).toBe(400)
  })
})

/** The same routes with other settings. */
async function withSettings(env: Record<string, string>, work: (other: TestApp) => Promise<void>): Promise<void> {
  const database = await createTestDatabase()
  const root = AccountsRoot.of.bind(AccountsRoot)
  const other = await startTestApp({ databaseUrl: database.url, redisUrl: await sharedRedis(), root, env })
  other.app.get(Clock).now = () => new Date(Date.now() + time.aheadMs)
  try {
    await work(other)
  } finally {
    await other.close()
    await database.drop()
  }
}

async function register(on: TestApp): Promise<{ email: string; token: string }> {
  const email = newEmail()
  const body = { email, name: 'Carl https://evil.example', password: PASSWORD }
  expect((await on.call('POST', '/auth/register', { body, ip: newIp() })).status).toBe(201)
  return { email, token: await on.login({ email, password: PASSWORD }) }
}

describe('CUSTOMER_RATE_LIMIT', () => {
  it('limits the changes of each customer, over all addresses, and nothing else', async () => {
    await withSettings({ CUSTOMER_RATE_LIMIT: '3/10' }, async (limited) => {
      const [one, two] = [await register(limited), await register(limited)]
      const change = ({ token }: { token: string }) =>
        limited.call<{ code?: string }>('POST', '/for/customer', { token, ip: newIp() })
      for (let call = 0; call < 3; call++) expect((await change(one)).status).toBe(201)
      const refused = await change(one)
      expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED'])
      const seconds = Number(refused.headers['retry-after'])
      expect(seconds).toBeGreaterThan(0)
      expect(seconds).toBeLessThanOrEqual(10)
      expect((await change(two)).status).toBe(201)
      for (let call = 0; call < 9; call++) {
        expect((await limited.call('GET', '/for/customer', { token: one.token })).status).toBe(200)
      }
      const staff = { token: await limited.login() }
      for (let call = 0; call < 9; call++) expect((await change(staff)).status).toBe(201)
      time.aheadMs += seconds * 1000
      expect((await change(one)).status).toBe(201)
    })
  })
})

describe('The confirmation of an e-mail address', () => {
  const mailsTo = (on: TestApp, email: string) => {
    const { mail } = on.app.get(PrismaService)
    return mail.findMany({ where: { recipient: email }, orderBy: { createdAt: 'asc' } })
  }

  it('is requested by mail where mails are sent, and proved with the token in it', async () => {
    await withSettings({ SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'x@example.com' }, async (mailing) => {
      const { email } = await register(mailing)
      const customer = async () =>
        (
          await mailing.call<{ items: Customer[] }>('GET', `/customers?q=${encodeURIComponent(email)}`, {
            token: await mailing.login(),
          })
        ).body.items[0]
      expect(await customer()).toMatchObject({ emailVerified: false })
      const [mail] = await mailsTo(mailing, email)
      expect(mail).toMatchObject({ kind: 'VERIFICATION' })
      expect(mail?.text).not.toContain('evil')
      const link = /http\S+\/#\/verify\/(\S+)/.exec(mail?.text ?? '')
      const proof = link?.[1] ?? ''
      const verify = (sent: unknown) => mailing.call('POST', '/auth/verify', { body: { token: sent }, ip: newIp() })
      for (const wrong of ['', 'x', proof.slice(0, -1), `${proof}x`, proof.replace(/\.\d+\./, '.99999999999.'), 7]) {
        expect((await verify(wrong)).status).toBe(400)
      }
      time.aheadMs += 8 * 86_400_000
      expect((await verify(proof)).status).toBe(400)
      time.aheadMs = 0
      expect(await customer()).toMatchObject({ emailVerified: false })
      expect((await verify(proof)).status).toBe(204)
      expect((await verify(proof)).status).toBe(204)
      expect(await customer()).toMatchObject({ emailVerified: true })
    })
  })

  it('is requested again at most every five minutes, until it is proved', async () => {
    await withSettings({ SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'x@example.com' }, async (mailing) => {
      const { email, token } = await register(mailing)
      const repeat = () => mailing.call('POST', '/auth/verification', { token })
      expect((await repeat()).status).toBe(429)
      time.aheadMs += 301_000
      const responses = await Promise.all([repeat(), repeat(), repeat()])
      expect(responses.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 429, 429])
      expect(await mailsTo(mailing, email)).toHaveLength(2)
    })
  })

  it('is not requested where mails are not sent', async () => {
    const { email, token } = await createCustomer()
    expect(await mailsTo(service, email)).toEqual([])
    expect((await service.call('POST', '/auth/verification', { token })).status).toBe(202)
  })
})
