import { setTimeout as sleep } from 'node:timers/promises'
import type { Attack } from './attack.js'
import { countsOf, type Calls } from './calls.js'

const HOUSE = 1_000
const OVERSIZED = 100
const SMALL = 2
const OFFER_WITHIN_MS = 10_000

/** One customer who tries to hold a whole house: holds of ten without end, and releases what is granted. */
export async function oneCustomer(calls: Calls, staff: string): Promise<Attack> {
  const eventId = await calls.event(staff, HOUSE)
  const client = '192.0.2.77'
  const token = await calls.customer('greedy', client)
  const stock = () =>
    calls.json<{ held: number; softCap: { redAlarm: boolean } }>('GET', `/api/v1/events/${eventId}/stock`, {
      token: staff,
    })
  return async (until) => {
    const statuses = new Map<number, number>()
    let mostHeld = 0
    while (performance.now() < until) {
      const responses = await Promise.all(
        [10, 10, 1, 1].map((quantity) =>
          calls.send('POST', `/api/v1/events/${eventId}/holds`, { token, client, body: { quantity } }),
        ),
      )
      const granted: string[] = []
      for (const response of responses) {
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
        const { id } = (await response.json()) as { id?: string }
        if (response.status === 201 && id) granted.push(id)
      }
      const { held, softCap } = await stock()
      mostHeld = Math.max(mostHeld, held)
      if (softCap.redAlarm) throw new Error('holds without a payment have closed the platforms')
      for (const id of granted) {
        const status = (await calls.send('DELETE', `/api/v1/holds/${id}`, { token, client })).status
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
      await sleep(100)
    }
    return `${countsOf(statuses)}; at most ${mostHeld} of ${HOUSE} held`
  }
}

/** A house without a free ticket whose waitlist begins with entries that never fit; behind them, one that does. */
export async function oversizedEntries(calls: Calls, staff: string): Promise<Attack> {
  const eventId = await calls.event(staff, HOUSE)
  await calls.json('PATCH', `/api/v1/events/${eventId}`, {
    token: staff,
    body: { waitlistPolicy: 'AUTOMATIC', maxHeldPerCustomer: 100 },
  })
  const hold = async (quantity: number) => {
    const body = { quantity }
    return (await calls.json<{ id: string }>('POST', `/api/v1/events/${eventId}/holds`, { token: staff, body })).id
  }
  await hold(HOUSE - SMALL)
  const last = await hold(SMALL)
  return async () => {
    const statuses = new Map<number, number>()
    for (let index = 0; index < OVERSIZED; index++) {
      const { status } = await join(`big${index}`, 100, `192.0.2.${100 + (index % 5)}`)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    const { id } = (await (await join('small', SMALL, '203.0.113.9')).json()) as { id: string }
    const releasedAt = performance.now()
    if (!(await calls.hasStatus(204, 'DELETE', `/api/v1/holds/${last}`, { token: staff })))
      throw new Error('the last tickets could not be released')
    while (performance.now() < releasedAt + OFFER_WITHIN_MS) {
      if (await hasOffer(id)) {
        const tookMs = Math.round(performance.now() - releasedAt)
        return `${countsOf(statuses)}; the entry behind them had its offer ${tookMs} ms after ${SMALL} tickets came back`
      }
      await sleep(20)
    }
    throw new Error('the entry behind the large ones got no offer')
  }

  async function join(name: string, quantity: number, client: string): Promise<Response> {
    const body = { name, email: `${name}@example.com`, quantity }
    return calls.send('POST', `/api/v1/events/${eventId}/waitlist`, { client, body })
  }

  async function hasOffer(id: string): Promise<boolean> {
    const path = `/api/v1/events/${eventId}/waitlist?state=OFFERED`
    const { items } = await calls.json<{ items: { id: string }[] }>('GET', path, { token: staff })
    return items.some((entry) => entry.id === id)
  }
}
