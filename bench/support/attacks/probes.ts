import { ADMIN } from '../../../test/support/service/app.js'
import type { Calls } from './calls.js'

/** Something that has to work during an attack: name, ms between two calls, and a call that returns whether it worked. */
export type Probe = [name: string, everyMs: number, run: () => Promise<boolean>]

/** `token`: of Eventbrite's webhook address. */
export async function probesOf(calls: Calls, staff: string, token: string): Promise<Probe[]> {
  const eventId = await calls.event(staff, 1_000)
  const buyer = await calls.customer('buyer', '203.0.113.3')
  const delivery = { api_url: 'https://www.eventbriteapi.com/v3/events/1/', config: { action: 'event.updated' } }
  let logins = 0
  return [
    ['liveness', 100, () => calls.hasStatus(200, 'GET', '/health/live')],
    [
      'delivery of a platform',
      200,
      () => calls.hasStatus(202, 'POST', `/webhooks/eventbrite/${token}`, { body: delivery }),
    ],
    ['staff: stock', 200, () => calls.hasStatus(200, 'GET', `/api/v1/events/${eventId}/stock`, { token: staff })],
    [
      'staff: login, new address',
      2_000,
      async () => Boolean(await calls.login(ADMIN.email, ADMIN.password, `198.51.100.${++logins % 250}`)),
    ],
    [
      'customer: hold, release',
      2_500,
      async () => {
        const hold = { token: buyer, body: { quantity: 1 } }
        const { id } = await calls.json<{ id: string }>('POST', `/api/v1/events/${eventId}/holds`, hold)
        return calls.hasStatus(204, 'DELETE', `/api/v1/holds/${id}`, { token: buyer })
      },
    ],
  ]
}
