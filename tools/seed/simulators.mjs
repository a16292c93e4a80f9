// The simulated platforms through their control routes: what organizers and buyers do there.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { send } from '../support/local-service.mjs'

/** The control addresses of the demo that runs on this data directory; null if none does. */
export function findControls(dataDir) {
  const file = join(dataDir, 'demo-platforms.json')
  if (!existsSync(file)) return null
  const { pid, addresses } = JSON.parse(readFileSync(file, 'utf8'))
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error.code === 'ESRCH') return null
  }
  return Object.fromEntries(Object.entries(addresses).map(([platform, { controlUrl }]) => [platform, controlUrl]))
}

/**
 * Per platform: `list` returns the id of a new event with a cap of 1; `buy` returns the id of the order of one ticket; null: sold out. `checkIn`: in the
 * organizer's app there. */
export function simulators(controls) {
  const post = (platform, path, body) => send(`${controls[platform]}/${path}`, 'POST', body)
  return {
    eventbrite: {
      list: async (name) => (await post('eventbrite', 'events', { name, capacityTotal: 1, waitlistEnabled: true })).id,
      buy: async (id, buyer) => {
        const { orderId } = await post('eventbrite', `events/${id}/buy`, { quantity: 1, buyer })
        return orderId
      },
      checkIn: (_, orderId) => post('eventbrite', `orders/${orderId}/check-in`, {}),
      setCap: (id, cap) => send(`${controls.eventbrite}/events/${id}`, 'PATCH', { fields: { capacity_total: cap } }),
      loseWebhooks: (rate) => send(`${controls.eventbrite}/knobs`, 'PATCH', { webhookLoss: rate }),
    },
    luma: {
      list: async (name) => (await post('luma', 'events', { name, maxCapacity: 1 })).eventId,
      buy: async (eventId, buyer) => {
        const { status, guestId } = await post('luma', 'register', { eventId, ...buyer })
        return status === 'approved' ? guestId : null
      },
      checkIn: (eventId, guestId) => post('luma', 'check-in', { eventId, guestId }),
    },
    meetup: {
      list: async (title) => (await post('meetup', 'events', { title, capacity: 1 })).eventId,
      buy: async (id, { name }) => {
        const { status, rsvpId } = await post('meetup', `events/${id}/rsvps`, { memberName: name })
        return status === 'YES' ? rsvpId : null
      },
      checkIn: (_, rsvpId) => send(`${controls.meetup}/rsvps/${rsvpId}/status`, 'PUT', { status: 'ATTENDED' }),
    },
  }
}
