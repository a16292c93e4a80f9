import { Secret, TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { SecondFactors } from '../../../src/accounts/second-factor/second-factors.js'
import {
  admin,
  createCustomer,
  createOperator,
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

interface Problem {
  code?: string
  errors?: { field: string }[]
}

const STEP_MS = 30_000

/** What an authenticator app shows, some steps from now. */
function codeOf(secret: string, steps = 0): string {
  const timestamp = Date.now() + time.aheadMs + steps * STEP_MS
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp })
}

const begin = (token: string, password = PASSWORD) =>
  service.call<Problem & { secret: string; uri: string; qrCode: string }>('POST', '/auth/totp', {
    token,
    body: { password },
    ip: newIp(),
  })

const confirm = (token: string, code: string) =>
  service.call<Problem & { recoveryCodes: string[] }>('POST', '/auth/totp/confirm', { token, body: { code } })

const login = (email: string, code?: string, password = PASSWORD, ip = newIp()) =>
  service.call<Problem & { accessToken: string }>('POST', '/auth/login', {
    body: { email, password, ...(code === undefined ? {} : { code }) },
    ip,
  })

const outcome = ({ status, body }: { status: number; body: Problem }) => [status, body.code]

const works = async (token: string) => (await service.call('GET', '/for/viewer', { token })).status === 200

/** An operator whose app was confirmed with the code of the present step. */
async function enrolled(): Promise<{ id: string; email: string; token: string; secret: string; recovery: string[] }> {
  const operator = await createOperator('OPERATOR')
  const { secret } = (await begin(operator.token)).body
  const { status, body } = await confirm(operator.token, codeOf(secret))
  expect(status).toBe(200)
  return { ...operator, secret, recovery: body.recoveryCodes }
}

describe('The enrolment of an authenticator app', () => {
  it('requires the password and a first code, shows recovery codes once and ends the other sessions', async () => {
    const { id, email, token } = await createOperator('VIEWER')
    const other = (await login(email)).body.accessToken
    expect((await begin(token, 'wrong password')).body.errors?.[0]?.field).toBe('password')
    const { status, body, headers } = await begin(token)
    expect([status, headers['cache-control']]).toEqual([201, 'no-store'])
    expect(body.uri).toContain(`secret=${body.secret}`)
    expect(body.uri).toContain('otpauth://totp/Traffic%20Police:')
    expect(body.qrCode).toMatch(/^data:image\/png;base64,/)
    expect((await login(email)).status).toBe(200)
    expect((await confirm(token, '000000')).status).toBe(400)
    const { recoveryCodes } = (await confirm(token, codeOf(body.secret))).body
    expect(new Set(recoveryCodes).size).toBe(10)
    for (const code of recoveryCodes) expect(code).toMatch(/^([a-z2-7]{4}-){3}[a-z2-7]{4}$/)
    expect([await works(token), await works(other)]).toEqual([true, false])
    const read = await service.call('GET', '/auth/totp', { token })
    expect(read.body).toEqual({ enabled: true, recoveryCodesLeft: 10 })
    expect((await begin(token)).status).toBe(409)
    expect((await confirm(token, codeOf(body.secret, 1))).status).toBe(409)
    const entry = await prisma.auditEntry.findFirst({ where: { subject: id, action: 'operator.totp' } })
    expect(entry).toMatchObject({ actorId: id, after: { totp: true } })
    const stored = await prisma.secondFactor.findUniqueOrThrow({ where: { userId: id } })
    expect(Buffer.from(stored.secret).includes(Buffer.from(Secret.fromBase32(body.secret).bytes))).toBe(false)
    expect(JSON.stringify(stored.recoveryCodes)).not.toContain(recoveryCodes[0])
  })

  it('is for staff only', async () => {
    const { token } = await createCustomer()
    expect((await begin(token)).status).toBe(403)
  })
})

describe('A login with an authenticator app', () => {
  it('requires the code after the right password only', async () => {
    const { email, secret } = await enrolled()
    const missing = await login(email)
    expect(outcome(missing)).toEqual([401, 'TOTP_REQUIRED'])
    expect(missing.headers['set-cookie']).toBeUndefined()
    expect(outcome(await login(email, undefined, 'wrong password'))).toEqual([401, 'UNAUTHENTICATED'])
    expect(outcome(await login(email, codeOf(secret, 1), 'wrong password'))).toEqual([401, 'UNAUTHENTICATED'])
    expect((await login(email, codeOf(secret, 1))).status).toBe(200)
  })

  it('accepts each code once, also with concurrent logins, and none before an accepted one', async () => {
    const { email, secret } = await enrolled()
    expect(outcome(await login(email, codeOf(secret)))).toEqual([401, 'TOTP_INVALID'])
    time.aheadMs = 3 * STEP_MS
    const code = codeOf(secret)
    const logins = await Promise.all([1, 2, 3].map(() => login(email, code)))
    expect(logins.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401])
    expect(outcome(await login(email, codeOf(secret, -1)))).toEqual([401, 'TOTP_INVALID'])
    expect((await login(email, ` ${codeOf(secret, 1).replace(/^.../, '$& ')}`)).status).toBe(200)
  })

  it('refuses codes of another time', async () => {
    const { email, secret } = await enrolled()
    time.aheadMs = 10 * STEP_MS
    for (const steps of [-2, 2]) {
      expect(outcome(await login(email, codeOf(secret, steps)))).toEqual([401, 'TOTP_INVALID'])
    }
    expect((await login(email, codeOf(secret))).status).toBe(200)
  })

  it('counts wrong codes as failed logins, missing ones not', async () => {
    const { email, secret } = await enrolled()
    const ip = newIp()
    for (let n = 0; n < 7; n++)
      expect(outcome(await login(email, undefined, PASSWORD, ip))).toEqual([401, 'TOTP_REQUIRED'])
    for (let n = 0; n < 5; n++) {
      expect(outcome(await login(email, 'abcd-wrong-code', PASSWORD, ip))).toEqual([401, 'TOTP_INVALID'])
    }
    expect((await login(email, codeOf(secret, 1), PASSWORD, ip)).status).toBe(429)
    expect((await login(email, codeOf(secret, 1))).status).toBe(200)
  })

  it('refuses all codes of the app for an hour after 30 wrong ones from any clients, but no recovery code', async () => {
    const { email, secret, recovery } = await enrolled()
    const wrong = codeOf(secret, 100)
    for (let n = 0; n < 30; n++) expect(outcome(await login(email, wrong))).toEqual([401, 'TOTP_INVALID'])
    expect(outcome(await login(email, codeOf(secret, 1)))).toEqual([401, 'TOTP_INVALID'])
    expect((await login(email, recovery[0])).status).toBe(200)
    time.aheadMs = 61 * 60_000
    expect((await login(email, codeOf(secret))).status).toBe(200)
  })

  it('accepts each recovery code once, in any case', async () => {
    const { email, recovery, token } = await enrolled()
    const [first = '', second = ''] = recovery
    expect((await login(email, first.toUpperCase())).status).toBe(200)
    expect(outcome(await login(email, first))).toEqual([401, 'TOTP_INVALID'])
    const logins = await Promise.all([1, 2].map(() => login(email, second.replaceAll('-', ''))))
    expect(logins.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401])
    expect((await service.call('GET', '/auth/totp', { token })).body).toMatchObject({ recoveryCodesLeft: 8 })
  })
})

describe('The removal of an authenticator app', () => {
  it('of oneself requires password and code', async () => {
    const { email, token, secret } = await enrolled()
    const remove = (body: object) => service.call<Problem>('DELETE', '/auth/totp', { token, body, ip: newIp() })
    expect((await remove({ password: 'wrong password', code: codeOf(secret, 1) })).status).toBe(400)
    expect((await remove({ password: PASSWORD, code: codeOf(secret) })).body.errors?.[0]?.field).toBe('code')
    expect((await remove({ password: PASSWORD, code: codeOf(secret, 1) })).status).toBe(204)
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(200)
  })

  it('of an operator is done by an admin, and audited', async () => {
    const { id, email, token } = await enrolled()
    const listed = async () =>
      (
        await service.call<{ items: { id: string; totp: boolean }[] }>('GET', '/operators?limit=100', { token: admin })
      ).body.items.find((operator) => operator.id === id)
    expect(await listed()).toMatchObject({ totp: true })
    expect((await service.call('DELETE', `/operators/${id}/totp`, { token })).status).toBe(403)
    expect((await service.call('DELETE', `/operators/${id}/totp`, { token: admin })).status).toBe(204)
    expect((await service.call('DELETE', `/operators/${id}/totp`, { token: admin })).status).toBe(204)
    expect(await listed()).toMatchObject({ totp: false })
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(200)
    const entries = await prisma.auditEntry.findMany({ where: { subject: id, action: 'operator.totp' } })
    expect(entries.map(({ after }) => after)).toEqual([{ totp: true }, { totp: false }])
  })

  it('is refused for customers, and for oneself with a session alone', async () => {
    const { id } = await createCustomer()
    const own = await prisma.user.findUniqueOrThrow({ where: { email: ADMIN.email } })
    expect((await service.call('DELETE', `/operators/${id}/totp`, { token: admin })).status).toBe(404)
    expect((await service.call('DELETE', `/operators/${own.id}/totp`, { token: admin })).status).toBe(409)
  })

  it('of any operator is possible on the command line, also with another AUTH_SECRET', async () => {
    const { email, id } = await enrolled()
    await prisma.secondFactor.update({ where: { userId: id }, data: { secret: new Uint8Array(60) } })
    expect(outcome(await login(email, '123456'))).toEqual([401, 'TOTP_INVALID'])
    await service.app.get(SecondFactors).removeFrom(null, { email: email.toUpperCase() })
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(200)
  })
})
