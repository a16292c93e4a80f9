// What the scenarios of `npm run seed` have in common.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventOn } from '../support/local-service.mjs'

const POLL_MS = 250
const WITHIN_MS = 45_000
const MAX_BUYERS = 1_000

/** A new event on the platforms, whose first caps are confirmed. Returns {id, listings: [{shop}]}. */
export async function createEvent({ call, platforms }, name, capacity, options = {}, names = Object.keys(platforms)) {
  const ids = {}
  for (const platform of names) ids[platform] = await platforms[platform].list(name)
  const { id } = await call('POST', 'events', { ...eventOn(ids, `${name} (seed)`, capacity), ...options })
  const listings = names.map((platform) => ({ shop: shopOf(platforms[platform], ids[platform]) }))
  const event = { id, listings }
  await stockWhere(call, event, ({ channels }) =>
    channels.every(({ id, mode, confirmedCap }) => id === 'DIRECT' || (mode === 'OPEN' && confirmedCap > 1)),
  )
  return event
}

const shopOf = (platform, id) => ({
  buy: (person) => platform.buy(id, person),
  checkIn: (orderId) => platform.checkIn(id, orderId),
  setCap: (cap) => platform.setCap(id, cap),
})

export function buyer() {
  const id = randomUUID().slice(0, 8)
  return { name: `Buyer ${id}`, email: `${id}@example.com` }
}

/** Buys single tickets until the platform sells no more. Returns how many. */
export async function buyAll(shop) {
  let bought = 0
  while (bought < MAX_BUYERS && (await shop.buy(buyer()))) bought += 1
  return bought
}

export async function openAlerts(call, event) {
  const { items } = await call('GET', 'alerts?state=open&limit=100')
  return items.filter(({ eventId }) => eventId === event.id).map(({ kind }) => kind)
}

/** Starts a reconciliation run of the event; resolves once it has succeeded. */
export async function reconcile(call, event) {
  const run = await call('POST', 'reconciliation/runs', { eventId: event.id })
  await poll('the reconciliation run', async () => {
    const { state, reason } = await call('GET', `reconciliation/runs/${run.id}`)
    if (state === 'FAILED') throw new Error(`the reconciliation run failed: ${reason}`)
    return state === 'SUCCEEDED'
  })
}

/** The stock once `isReached`; rejects when that takes too long. */
export function stockWhere(call, event, isReached) {
  return poll('the state of the event', async () => {
    const stock = await call('GET', `events/${event.id}/stock`)
    return (await isReached(stock)) ? stock : null
  })
}

export async function poll(what, check) {
  const end = Date.now() + WITHIN_MS
  while (Date.now() < end) {
    const result = await check()
    if (result) return result
    await sleep(POLL_MS)
  }
  throw new Error(`${what} was not as expected within ${WITHIN_MS / 1_000} s`)
}
