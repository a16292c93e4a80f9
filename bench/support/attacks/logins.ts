import { setTimeout as sleep } from 'node:timers/promises'
import { ADMIN } from '../../../test/support/service/app.js'
import type { Attack } from './attack.js'
import { countsOf, type Calls } from './calls.js'

export const LOGINS_PER_MINUTE = 1_000

/** Wrong passwords, evenly over the addresses: of many accounts from one address, of the admin's from several. */
export function logins(calls: Calls, addresses: number): Attack {
  return async (until) => {
    const statuses = new Map<number, number>()
    const pending: Promise<void>[] = []
    for (let index = 0; performance.now() < until; index++) {
      const email = addresses === 1 ? `unknown${index}@example.com` : ADMIN.email
      const client = `192.0.2.${1 + (index % addresses)}`
      const attempt = async () => {
        const body = { email, password: 'a wrong password' }
        const response = await calls.send('POST', '/api/v1/auth/login', { body, client })
        await response.arrayBuffer()
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
      }
      pending.push(attempt().catch(() => undefined))
      await sleep(60_000 / LOGINS_PER_MINUTE)
    }
    await Promise.all(pending)
    return countsOf(statuses)
  }
}
