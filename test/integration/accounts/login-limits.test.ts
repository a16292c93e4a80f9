import { describe, expect, it } from 'vitest'
import { ADMIN } from '../../support/service/app.js'
import {
  createCustomer,
  newEmail,
  newIp,
  PASSWORD,
  prisma,
  service,
  time,
  tryLogin,
  useAccounts,
} from '../../support/http/accounts.js'

useAccounts({ TRUSTED_PROXIES: '10.9.0.0/16' })

const PROXY = '10.9.0.1'

/** A login whose proxy reports this client. */
function through(client: string, email: string, password: string, proxy = PROXY) {
  const headers = { 'x-forwarded-for': client }
  return service.call('POST', '/auth/login', { body: { email, password }, ip: proxy, headers })
}

async function fail(times: number, attempt: () => Promise<{ status: number }>): Promise<number[]> {
  const statuses = []
  for (let n = 0; n < times; n++) statuses.push((await attempt()).status)
  return statuses
}

describe('Logins through a trusted proxy', () => {
  it('are locked for the client that failed, not for others behind the same proxy', async () => {
    await fail(5, () => through('203.0.113.1', ADMIN.email, 'wrong password'))
    expect((await through('203.0.113.1', ADMIN.email, ADMIN.password)).status).toBe(429)
    expect((await through('203.0.113.2', ADMIN.email, ADMIN.password)).status).toBe(200)
  })

  it('are counted per IPv6 /64', async () => {
    const { email } = await createCustomer()
    for (let n = 0; n < 5; n++) await through(`2001:db8:1:1::${n + 1}`, email, 'wrong password')
    expect((await through('2001:db8:1:1:aaaa::1', email, PASSWORD)).status).toBe(429)
    expect((await through('2001:db8:1:2::1', email, PASSWORD)).status).toBe(200)
  })

  it('are counted for the proxy when it is not trusted', async () => {
    const { email } = await createCustomer()
    const statuses = []
    for (let n = 0; n < 6; n++)
      statuses.push((await through(`203.0.113.${n}`, email, 'wrong password', '10.8.0.1')).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  })

  it('show the address of the client in the list of sessions', async () => {
    const { email } = await createCustomer()
    const headers = { 'x-forwarded-for': '198.51.100.9, 203.0.113.77', 'x-forwarded-proto': 'https' }
    const login = await service.call<{ accessToken: string }>('POST', '/auth/login', {
      body: { email, password: PASSWORD },
      ip: PROXY,
      headers,
    })
    const { body } = await service.call<{ items: { ip: string }[] }>('GET', '/auth/sessions', {
      token: login.body.accessToken,
    })
    expect(body.items[0]?.ip).toBe('203.0.113.77')
    expect(String(login.headers['set-cookie'])).toContain('Secure')
  })
})

describe('Many failed logins', () => {
  it('of one client for different accounts lock it for all of them, except those that have logged in from there', async () => {
    const [ip, { email }] = [newIp(), await createCustomer()]
    expect((await tryLogin(email, PASSWORD, ip)).status).toBe(200)
    const statuses = await fail(100, () => tryLogin(newEmail(), 'Password1', ip))
    expect(statuses.filter((status) => status === 401)).toHaveLength(30)
    expect(statuses.filter((status) => status === 429)).toHaveLength(70)
    const stranger = await createCustomer()
    expect((await tryLogin(stranger.email, PASSWORD, ip)).status).toBe(429)
    expect((await tryLogin(stranger.email, PASSWORD, newIp())).status).toBe(200)
    time.aheadMs = 61_000
    expect((await tryLogin(email, PASSWORD, ip)).status).toBe(200)
    time.aheadMs = 16 * 60_000
    expect((await tryLogin(stranger.email, PASSWORD, ip)).status).toBe(200)
  })

  it('of many clients for one account leave each two guesses, and let the owner in from anywhere', async () => {
    const [home, { email }] = [newIp(), await createCustomer()]
    await tryLogin(email, PASSWORD, home)
    for (let n = 0; n < 10; n++) {
      const ip = newIp()
      expect(await fail(5, () => tryLogin(email, 'wrong password', ip))).toEqual([401, 401, 401, 401, 401])
    }
    const attacker = newIp()
    expect(await fail(3, () => tryLogin(email, 'wrong password', attacker))).toEqual([401, 401, 429])
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(200)
    expect(await fail(4, () => tryLogin(email, 'wrong password', home))).toEqual([401, 401, 401, 401])
    expect((await tryLogin(email, PASSWORD, home)).status).toBe(200)
  })

  it('write a bounded number of rows', async () => {
    const ip = newIp()
    await Promise.all(Array.from({ length: 100 }, () => tryLogin(newEmail(), 'wrong password', ip)))
    expect(await prisma.loginFailure.count({ where: { ip } })).toBe(30)
  })
})

describe('Logins without a failure', () => {
  it('are limited to 120 a minute per client', async () => {
    const [ip, { email }] = [newIp(), await createCustomer()]
    const logins = await Promise.all(Array.from({ length: 130 }, () => tryLogin(email, PASSWORD, ip)))
    expect(logins.filter(({ status }) => status === 200)).toHaveLength(120)
    expect(logins.filter(({ status }) => status === 429)).toHaveLength(10)
    expect((await tryLogin(email, PASSWORD, newIp())).status).toBe(200)
  })
})
