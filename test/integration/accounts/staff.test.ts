import { describe, expect, it } from 'vitest'
import { FirstAdminService } from '../../../src/accounts/operators/first-admin.service.js'
import { OperatorsService } from '../../../src/accounts/operators/operators.service.js'
import type { Config } from '../../../src/infrastructure/config/config.js'
import {
  AccountsRoot,
  admin,
  createCustomer,
  createOperator,
  newEmail,
  newIp,
  PASSWORD,
  prisma,
  service,
  tryLogin,
  useAccounts,
} from '../../support/http/accounts.js'
import { ADMIN, startTestApp, type TestApp } from '../../support/service/app.js'
import { createTestDatabase } from '../../support/servers/database.js'
import { sharedRedis } from '../../support/servers/redis.js'

useAccounts()

describe('The operators API', () => {
  it('lists staff, newest first, without passwords', async () => {
    const { id } = await createOperator('VIEWER')
    await createCustomer()
    const { body } = await service.call<{ items: { id: string; role: string }[] }>('GET', '/operators?limit=100', {
      token: admin,
    })
    expect(body.items[0]).toEqual({
      id,
      email: expect.any(String),
      name: 'Olga',
      role: 'VIEWER',
      active: true,
      totp: false,
      createdAt: expect.any(String),
    })
    expect(body.items.map(({ role }) => role)).not.toContain('CUSTOMER')
    expect(JSON.stringify(body)).not.toMatch(/password|argon2/)
  })

  it('creates an account without a password, and accepts its login once a password is set', async () => {
    const body = { email: newEmail(), name: 'Otto', role: 'OPERATOR' }
    const created = await service.call<{ id: string }>('POST', '/operators', { token: admin, body })
    expect(created.status).toBe(201)
    expect(JSON.stringify(created.body)).not.toContain('password')
    const password = 'set by an admin'
    await service.call('PATCH', `/operators/${created.body.id}`, { token: admin, body: { password } })
    expect((await tryLogin(body.email, password, newIp())).status).toBe(200)
  })

  it.each([
    ['role', { role: 'CUSTOMER' }],
    ['role', { role: 'BOSS' }],
    ['password', { password: null }],
    ['active', { active: 'yes' }],
    ['passwordHash', { passwordHash: 'x' }],
  ])('returns 400 for an invalid %s', async (field, change) => {
    const body = { email: newEmail(), name: 'Otto', role: 'VIEWER', ...change }
    const { status, body: problem } = await service.call('POST', '/operators', { token: admin, body })
    expect(status).toBe(400)
    expect(problem).toMatchObject({ errors: [{ field }] })
  })

  it('returns 400 for null in any field of a change', async () => {
    const { id } = await createOperator('VIEWER')
    for (const body of [{ name: null }, { role: null }, { active: null }, { email: null }, { password: null }]) {
      expect((await service.call('PATCH', `/operators/${id}`, { token: admin, body })).status).toBe(400)
    }
  })

  it('makes an operator of a customer who has the email address, whose password and sessions end', async () => {
    const { id, email, token } = await createCustomer()
    await service.call('PATCH', `/customers/${id}`, { token: admin, body: { active: false } })
    await service.call('PATCH', `/customers/${id}`, { token: admin, body: { active: true } })
    const customerToken = (await tryLogin(email, PASSWORD, newIp())).body.accessToken
    const body = { email: email.toUpperCase(), name: 'Otto', role: 'OPERATOR', password: 'set by an admin' }
    const created = await service.call('POST', '/operators', { token: admin, body })
    expect([created.status, created.body]).toMatchObject([201, { id, email, name: 'Otto', role: 'OPERATOR' }])
    for (const old of [token, customerToken]) {
      expect((await service.call('GET', '/for/customer', { token: old })).status).toBe(401)
    }
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(401)
    expect((await tryLogin(email, 'set by an admin', newIp())).body.user).toMatchObject({ id, role: 'OPERATOR' })
    const entry = await prisma.auditEntry.findFirst({ where: { subject: id, action: 'operator.create' } })
    expect(entry).toMatchObject({ before: { role: 'CUSTOMER', name: 'Carl' }, after: { role: 'OPERATOR' } })
    expect((await service.call('POST', '/operators', { token: admin, body })).status).toBe(409)
  })

  it('rejects the registration of its email address as that of any other in use', async () => {
    const register = async ({ email }: { email: string }) => {
      const body = { email, name: 'A', password: PASSWORD }
      const { status, body: problem } = await service.call('POST', '/auth/register', { body, ip: newIp() })
      return { status, problem }
    }
    const ofStaff = await register(await createOperator('OPERATOR'))
    expect(ofStaff.status).toBe(409)
    expect(ofStaff).toEqual(await register(await createCustomer()))
  })

  it('returns 409 for an email address in use, on creation and on change', async () => {
    const { email } = await createOperator('VIEWER')
    const { id } = await createOperator('VIEWER')
    const body = { email, name: 'Otto', role: 'VIEWER' }
    expect((await service.call('POST', '/operators', { token: admin, body })).status).toBe(409)
    expect((await service.call('PATCH', `/operators/${id}`, { token: admin, body: { email } })).status).toBe(409)
  })

  it('takes the email address from a customer on a change, whose account and sessions end', async () => {
    const customer = await createCustomer()
    const operator = await createOperator('OPERATOR')
    const body = { email: customer.email.toUpperCase() }
    const changed = await service.call('PATCH', `/operators/${operator.id}`, { token: admin, body })
    expect([changed.status, changed.body]).toMatchObject([200, { id: operator.id, email: customer.email }])
    expect((await service.call('GET', '/for/customer', { token: customer.token })).status).toBe(401)
    const login = await tryLogin(customer.email, PASSWORD, newIp())
    expect(login.body.user).toMatchObject({ id: operator.id, role: 'OPERATOR' })
    const left = await prisma.user.findUniqueOrThrow({ where: { id: customer.id } })
    expect(left).toMatchObject({ role: 'CUSTOMER', active: false, email: `${customer.id}@replaced.invalid` })
    expect(left.name).not.toContain('Carl')
    const entry = await prisma.auditEntry.findFirst({ where: { subject: customer.id, action: 'customer.change' } })
    expect(entry).toMatchObject({ before: { email: customer.email, active: true }, after: { active: false } })
  })

  it('takes no email address when the change is refused', async () => {
    const customer = await createCustomer()
    const { id, email } = await createOperator('OPERATOR')
    const change = (path: string, body: object) =>
      service.call('PATCH', path, { token: admin, body }).then(({ status }) => status)
    expect(await change('/operators/usr_unknown', { email: customer.email })).toBe(404)
    const first = await prisma.user.findUniqueOrThrow({ where: { email: ADMIN.email } })
    expect(await change(`/operators/${first.id}`, { email: customer.email, active: false })).toBe(409)
    expect((await service.call('GET', '/for/customer', { token: customer.token })).status).toBe(200)
    expect(await change(`/operators/${id}`, { email, name: 'Otto' })).toBe(200)
  })

  it('returns 404 for a customer and for an unknown id', async () => {
    const { id } = await createCustomer()
    for (const path of [`/operators/${id}`, '/operators/usr_unknown']) {
      expect((await service.call('PATCH', path, { token: admin, body: { name: 'X' } })).status).toBe(404)
    }
  })

  it.each([
    ['a new password', { password: 'another password' }],
    ['deactivation', { active: false }],
  ])('revokes the sessions of an operator on %s', async (_name, body) => {
    const { id, token } = await createOperator('OPERATOR')
    expect((await service.call('PATCH', `/operators/${id}`, { token: admin, body })).status).toBe(200)
    expect((await service.call('GET', '/for/viewer', { token })).status).toBe(401)
  })

  it('rejects the login of a deactivated operator until reactivation', async () => {
    const { id, email } = await createOperator('OPERATOR')
    await service.call('PATCH', `/operators/${id}`, { token: admin, body: { active: false } })
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(401)
    await service.call('PATCH', `/operators/${id}`, { token: admin, body: { active: true } })
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(200)
  })

  it('applies a new role immediately', async () => {
    const { id, token } = await createOperator('OPERATOR')
    await service.call('PATCH', `/operators/${id}`, { token: admin, body: { role: 'VIEWER' } })
    expect((await service.call('GET', '/for/operator', { token })).status).toBe(403)
    expect((await service.call('GET', '/for/viewer', { token })).status).toBe(200)
  })

  it('records each change and its actor in the audit log, without the password', async () => {
    const { id } = await createOperator('VIEWER')
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

describe('The last admin', () => {
  it('can be neither demoted nor deactivated, not even by two concurrent requests', async () => {
    const first = await prisma.user.findUniqueOrThrow({ where: { email: ADMIN.email } })
    for (const body of [{ role: 'OPERATOR' }, { active: false }]) {
      const { status, body: problem } = await service.call('PATCH', `/operators/${first.id}`, { token: admin, body })
      expect(status).toBe(409)
      expect(problem).toMatchObject({ code: 'STATE_CONFLICT' })
    }
    for (let round = 0; round < 5; round++) {
      const second = await createOperator('ADMIN')
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

describe('OperatorsService.resetPassword', () => {
  it('sets the password and revokes the sessions', async () => {
    const { email, token } = await createOperator('VIEWER')
    const operators = service.app.get(OperatorsService)
    await operators.resetPassword(null, email.toUpperCase(), 'from the console')
    expect((await service.call('GET', '/for/viewer', { token })).status).toBe(401)
    expect((await tryLogin(email, 'from the console', newIp())).status).toBe(200)
    await expect(operators.resetPassword(null, newEmail(), 'any password')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

describe('FirstAdminService', () => {
  async function withEmptyDatabase<T>(
    env: Record<string, string>,
    use: (app: TestApp, firstAdmin: FirstAdminService) => Promise<T>,
  ): Promise<T> {
    const database = await createTestDatabase()
    const root = (config: Config) => AccountsRoot.of(config)
    const app = await startTestApp({
      databaseUrl: database.url,
      redisUrl: await sharedRedis(),
      root,
      env,
      firstAdmin: false,
    })
    try {
      return await use(app, app.app.get(FirstAdminService))
    } finally {
      await app.close()
      await database.drop()
    }
  }

  it('creates the first admin once for concurrent calls, with a valid generated password', async () => {
    await withEmptyDatabase({ ADMIN_PASSWORD: '' }, async (app, firstAdmin) => {
      const results = await Promise.all([1, 2, 3].map(() => firstAdmin.ensureFirstAdmin()))
      const [one, ...others] = results.filter((result) => result !== null)
      expect(others).toEqual([])
      expect(one).toMatchObject({ email: ADMIN.email, generated: true })
      await app.login({ email: ADMIN.email, password: one?.password ?? '' })
      expect(await firstAdmin.ensureFirstAdmin()).toBeNull()
    })
  })

  it('uses the configured password', async () => {
    await withEmptyDatabase({ ADMIN_EMAIL: 'Boss@Example.com' }, async (app, firstAdmin) => {
      expect(await firstAdmin.ensureFirstAdmin()).toEqual({
        email: 'boss@example.com',
        password: ADMIN.password,
        generated: false,
      })
      await app.login({ email: 'boss@example.com', password: ADMIN.password })
    })
  })

  it('accepts an email address without a dot', async () => {
    await withEmptyDatabase({ ADMIN_EMAIL: 'admin@localhost' }, async (app, firstAdmin) => {
      await firstAdmin.ensureFirstAdmin()
      await app.login({ email: 'admin@localhost', password: ADMIN.password })
    })
  })

  it('takes the email address from a customer who has it', async () => {
    await withEmptyDatabase({}, async (app, firstAdmin) => {
      const early = { email: ADMIN.email, password: 'password of another' }
      await app.call('POST', '/auth/register', { body: { ...early, name: 'Early' } })
      const token = await app.login(early)
      expect(await firstAdmin.ensureFirstAdmin()).toMatchObject({ email: ADMIN.email })
      expect((await app.call('GET', '/for/customer', { token })).status).toBe(401)
      expect((await app.call('POST', '/auth/login', { body: early })).status).toBe(401)
      const admin = await app.login()
      expect((await app.call('GET', '/for/no-decorator', { token: admin })).status).toBe(200)
    })
  })
})
