import { describe, expect, it } from 'vitest'
import { FirstAdminService } from '../../src/accounts/first-admin.service.js'
import { OperatorsService } from '../../src/accounts/operators.service.js'
import type { Config } from '../../src/infrastructure/config/config.js'
import {
  AccountsRoot,
  admin,
  makeCustomer,
  makeOperator,
  newEmail,
  newIp,
  PASSWORD,
  prisma,
  service,
  tryLogin,
  useAccounts,
} from '../support/accounts.js'
import { ADMIN, startTestApp, type TestApp } from '../support/app.js'
import { createTestDatabase } from '../support/database.js'
import { sharedRedis } from '../support/redis.js'

useAccounts()

describe('operators', () => {
  it('lists staff, newest first, without passwords', async () => {
    const { id } = await makeOperator('VIEWER')
    await makeCustomer()
    const { body } = await service.call<{ items: { id: string; role: string }[] }>('GET', '/operators?limit=100', {
      token: admin,
    })
    expect(body.items[0]).toEqual({
      id,
      email: expect.any(String),
      name: 'Olga',
      role: 'VIEWER',
      active: true,
      createdAt: expect.any(String),
    })
    expect(body.items.map(({ role }) => role)).not.toContain('CUSTOMER')
    expect(JSON.stringify(body)).not.toMatch(/password|argon2/)
  })

  it('makes an account without a password that nobody can enter until it has one', async () => {
    const body = { email: newEmail(), name: 'Otto', role: 'OPERATOR' }
    const made = await service.call<{ id: string }>('POST', '/operators', { token: admin, body })
    expect(made.status).toBe(201)
    expect(JSON.stringify(made.body)).not.toContain('password')
    const password = 'set by an admin'
    await service.call('PATCH', `/operators/${made.body.id}`, { token: admin, body: { password } })
    expect((await tryLogin(body.email, password, newIp())).status).toBe(200)
  })

  it.each([
    ['role', { role: 'CUSTOMER' }],
    ['role', { role: 'BOSS' }],
    ['password', { password: null }],
    ['active', { active: 'yes' }],
    ['passwordHash', { passwordHash: 'x' }],
  ])('refuses a bad %s', async (field, change) => {
    const body = { email: newEmail(), name: 'Otto', role: 'VIEWER', ...change }
    const { status, body: problem } = await service.call('POST', '/operators', { token: admin, body })
    expect(status).toBe(400)
    expect(problem).toMatchObject({ errors: [{ field }] })
  })

  it('refuses null where a change has a value', async () => {
    const { id } = await makeOperator('VIEWER')
    for (const body of [{ name: null }, { role: null }, { active: null }, { email: null }, { password: null }]) {
      expect((await service.call('PATCH', `/operators/${id}`, { token: admin, body })).status).toBe(400)
    }
  })

  it('refuses an address that is taken, on making and on changing', async () => {
    const { email } = await makeCustomer()
    const { id } = await makeOperator('VIEWER')
    const body = { email, name: 'Otto', role: 'VIEWER' }
    expect((await service.call('POST', '/operators', { token: admin, body })).status).toBe(409)
    expect((await service.call('PATCH', `/operators/${id}`, { token: admin, body: { email } })).status).toBe(409)
  })

  it('knows neither customers nor strangers', async () => {
    const { id } = await makeCustomer()
    for (const path of [`/operators/${id}`, '/operators/usr_nobody']) {
      expect((await service.call('PATCH', path, { token: admin, body: { name: 'X' } })).status).toBe(404)
    }
  })

  it.each([
    ['a new password', { password: 'another password' }],
    ['deactivating', { active: false }],
  ])('ends the sessions with %s', async (_what, body) => {
    const { id, token } = await makeOperator('OPERATOR')
    expect((await service.call('PATCH', `/operators/${id}`, { token: admin, body })).status).toBe(200)
    expect((await service.call('GET', '/for/viewer', { token })).status).toBe(401)
  })

  it('keeps a deactivated account out and lets it in again', async () => {
    const { id, email } = await makeOperator('OPERATOR')
    await service.call('PATCH', `/operators/${id}`, { token: admin, body: { active: false } })
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(401)
    await service.call('PATCH', `/operators/${id}`, { token: admin, body: { active: true } })
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(200)
  })

  it('lets a new role count at once', async () => {
    const { id, token } = await makeOperator('OPERATOR')
    await service.call('PATCH', `/operators/${id}`, { token: admin, body: { role: 'VIEWER' } })
    expect((await service.call('GET', '/for/operator', { token })).status).toBe(403)
    expect((await service.call('GET', '/for/viewer', { token })).status).toBe(200)
  })

  it('writes down who changed what, without the password', async () => {
    const { id } = await makeOperator('VIEWER')
    await service.call('PATCH', `/operators/${id}`, {
      token: admin,
      body: { role: 'OPERATOR', password: 'another password' },
    })
    const entries = await prisma.auditEntry.findMany({ where: { subject: id }, orderBy: { id: 'asc' } })
    const adminId = (await prisma.user.findUniqueOrThrow({ where: { email: ADMIN.email } })).id
    expect(entries.map(({ action, actorId }) => [action, actorId])).toEqual([
      ['operator.create', adminId],
      ['operator.change', adminId],
    ])
    expect(entries[1]?.before).toMatchObject({ role: 'VIEWER' })
    expect(entries[1]?.after).toMatchObject({ role: 'OPERATOR', passwordChanged: true })
    expect(JSON.stringify(entries.map(({ before, after }) => [before, after]))).not.toMatch(/argon2|another password/)
  })
})

describe('the last admin', () => {
  it('can be neither demoted nor deactivated, not even by two admins at once', async () => {
    const first = await prisma.user.findUniqueOrThrow({ where: { email: ADMIN.email } })
    for (const body of [{ role: 'OPERATOR' }, { active: false }]) {
      const { status, body: problem } = await service.call('PATCH', `/operators/${first.id}`, { token: admin, body })
      expect(status).toBe(409)
      expect(problem).toMatchObject({ code: 'STATE_CONFLICT' })
    }
    for (let round = 0; round < 5; round++) {
      const second = await makeOperator('ADMIN')
      const statuses = await Promise.all(
        [first.id, second.id].map(async (id) => {
          return (await service.call('PATCH', `/operators/${id}`, { token: second.token, body: { role: 'VIEWER' } }))
            .status
        }),
      )
      expect(statuses).toContain(200)
      expect(await prisma.user.count({ where: { role: 'ADMIN', active: true } })).toBe(1)
      await prisma.user.update({ where: { id: first.id }, data: { role: 'ADMIN' } })
      await prisma.user.update({ where: { id: second.id }, data: { role: 'VIEWER' } })
    }
  })
})

describe('the command line', () => {
  it('resets a password and ends the sessions', async () => {
    const { email, token } = await makeOperator('VIEWER')
    const operators = service.app.get(OperatorsService)
    await operators.resetPassword(null, email.toUpperCase(), 'from the console')
    expect((await service.call('GET', '/for/viewer', { token })).status).toBe(401)
    expect((await tryLogin(email, 'from the console', newIp())).status).toBe(200)
    await expect(operators.resetPassword(null, newEmail(), 'whatever it is')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

describe('the first admin', () => {
  async function startEmpty<T>(
    env: Record<string, string>,
    use: (app: TestApp, firstAdmin: FirstAdminService) => Promise<T>,
  ): Promise<T> {
    const own = await createTestDatabase()
    const root = (config: Config) => AccountsRoot.of(config)
    const app = await startTestApp({
      databaseUrl: own.url,
      redisUrl: await sharedRedis(),
      root,
      env,
      firstAdmin: false,
    })
    try {
      return await use(app, app.app.get(FirstAdminService))
    } finally {
      await app.close()
      await own.drop()
    }
  }

  it('is made once, by whoever comes first, with a password that works', async () => {
    await startEmpty({ ADMIN_PASSWORD: '' }, async (app, firstAdmin) => {
      const made = await Promise.all([1, 2, 3].map(() => firstAdmin.ensureFirstAdmin()))
      const [one, ...others] = made.filter((result) => result !== null)
      expect(others).toEqual([])
      expect(one).toMatchObject({ email: ADMIN.email, generated: true })
      await app.login({ email: ADMIN.email, password: one?.password ?? '' })
      expect(await firstAdmin.ensureFirstAdmin()).toBeNull()
    })
  })

  it('takes the password it was given', async () => {
    await startEmpty({ ADMIN_EMAIL: 'Boss@Example.com' }, async (app, firstAdmin) => {
      expect(await firstAdmin.ensureFirstAdmin()).toEqual({
        email: 'boss@example.com',
        password: ADMIN.password,
        generated: false,
      })
      await app.login({ email: 'boss@example.com', password: ADMIN.password })
    })
  })

  it('may have an address without a dot, as the environment allows it', async () => {
    await startEmpty({ ADMIN_EMAIL: 'admin@localhost' }, async (app, firstAdmin) => {
      await firstAdmin.ensureFirstAdmin()
      await app.login({ email: 'admin@localhost', password: ADMIN.password })
    })
  })

  it('says so when a customer has the address', async () => {
    await startEmpty({}, async (app, firstAdmin) => {
      await app.call('POST', '/auth/register', { body: { ...ADMIN, name: 'Early' } })
      await expect(firstAdmin.ensureFirstAdmin()).rejects.toMatchObject({ code: 'STATE_CONFLICT' })
    })
  })
})
