// The scenario `door` of `npm run seed`: check-ins on two phones and in the platforms' own apps.
import { setTimeout as sleep } from 'node:timers/promises'
import { createEvent, poll } from './steps.mjs'

const CAPACITY = 40
const MINUTE_MS = 60_000
/** Has a seat on Eventbrite and one on Luma. */
const TWICE = person('Nadia Petrova')
const GUESTS = {
  eventbrite: [person('Amira Haddad'), person('Bo Lindqvist'), person('Carla Rossi'), TWICE],
  luma: [person('Dmitri Volkov'), person('Emeka Okafor'), person('Fen Wei'), TWICE],
  meetup: [person('Greta Olsen'), person('Hugo Martín'), person('Ines Duarte')],
}
const DIRECT = person('Jonas Weber')
const PHONES = ['phone 1', 'phone 2']
/** Check-ins that phone 2 reports together, since it was offline. */
const OFFLINE = 3
const SOLD_AT_THE_DOOR = 1

export const DOOR = {
  summary:
    'guests of all channels come in over some minutes (--minutes), on two phones and in the apps of the platforms',
  async run({ call, platforms, show, minutes }) {
    const startsAt = new Date(Date.now() + 15 * MINUTE_MS).toISOString()
    const event = await createEvent({ call, platforms }, 'Door', CAPACITY, { startsAt, directWeight: 1 })
    const appCheckIns = await sell({ call, platforms }, event)
    const scanned = comingOf(await attendees(call, event))
    show({
      what: 'the room fills: in the room, attended by channel, seats held twice',
      path: `events/${event.id}/door`,
    })
    const steps = [...phoneSteps({ call, event }, scanned), ...appCheckIns, ...walkInSteps({ call, event })]
    for (const step of inTurns(steps)) {
      await step()
      await sleep((minutes * MINUTE_MS) / steps.length)
    }
    // The apps' check-ins come with the next reading.
    for (const name of Object.keys(platforms))
      await call('POST', `events/${event.id}/channels/${name.toUpperCase()}/sync`)
    const expected = scanned.length + appCheckIns.length + SOLD_AT_THE_DOOR
    const door = await poll('the number of check-ins', async () => {
      const shown = await call('GET', `events/${event.id}/door`)
      return shown.checkedIn === expected ? shown : null
    })
    const { inTheRoom, checkedIn, sold, walkIns, seatsThatMayComeFree } = door
    return [
      {
        what: `${inTheRoom} of ${CAPACITY} in the room: ${checkedIn} of ${sold} sold tickets, ${walkIns} people without one; ${seatsThatMayComeFree} seat may come free`,
        path: `events/${event.id}/door`,
      },
    ]
  },
}

/** Sells to all guests. Returns steps in which the first one of each platform is checked in there. */
async function sell({ call, platforms }, event) {
  const steps = []
  for (const [index, name] of Object.keys(platforms).entries()) {
    const { shop } = event.listings[index]
    const orders = []
    for (const guest of GUESTS[name]) orders.push(await shop.buy(guest))
    if (orders.includes(null)) throw new Error(`${name} did not sell to every guest`)
    steps.push(() => shop.checkIn(orders[0]))
  }
  const hold = await call('POST', `events/${event.id}/holds`, { quantity: 2 })
  await call('POST', `holds/${hold.id}/confirm`, { buyer: DIRECT })
  return steps
}

/** The tickets of everybody, by name, once all sales are known. */
function attendees(call, event) {
  const sold = Object.values(GUESTS).flat().length + 2
  return poll('the list of attendees', async () => {
    const { items } = await call('GET', `events/${event.id}/attendees?limit=100`)
    const tickets = items.flatMap((attendee) => attendee.tickets.map((ticket) => ({ ...ticket, name: attendee.name })))
    return tickets.length === sold ? tickets : null
  })
}

/** Those who are scanned. One guest of five and the second seat of the guest with two are not, and the first guests in the apps. */
function comingOf(tickets) {
  const inApps = Object.values(GUESTS).map(([{ name }]) => name)
  const isSecond = ({ name }, index) => name === TWICE.name && tickets[index - 1].name === name
  return tickets.filter((ticket, index) => !inApps.includes(ticket.name) && !isSecond(ticket, index) && index % 5 !== 4)
}

/** Phone 1 and phone 2 scan in turns; phone 2 is offline for some. One ticket is scanned twice. */
function phoneSteps({ call, event }, coming) {
  const checkIn = (body) => call('POST', `events/${event.id}/check-ins`, body)
  const scanOf = ({ id, code }) => (code === null ? { ticketId: id } : { code })
  const [online, offline] = [coming.slice(OFFLINE), coming.slice(0, OFFLINE)]
  const scanned = []
  const [first] = online
  return [
    ...online.map((ticket, index) => () => checkIn({ ...scanOf(ticket), deviceId: PHONES[index % PHONES.length] })),
    ...offline.map((ticket) => async () => {
      scanned.push({ ...scanOf(ticket), at: new Date().toISOString() })
      if (scanned.length === OFFLINE) await checkIn({ deviceId: PHONES[1], items: scanned })
    }),
    () => checkIn({ ...scanOf(first), deviceId: PHONES[1] }),
  ]
}

function walkInSteps({ call, event }) {
  const walkIn = (body) => call('POST', `events/${event.id}/walk-ins`, { ...body, deviceId: PHONES[0] })
  return [() => walkIn({ quantity: 2, from: 'COUNT' }), () => walkIn({ quantity: SOLD_AT_THE_DOOR, from: 'SAFETY' })]
}

/** Every third step first, then the others: phones, apps and walk-ins take turns. */
function inTurns(steps) {
  return [0, 1, 2].flatMap((turn) => steps.filter((_, index) => index % 3 === turn))
}

function person(name) {
  const address = name
    .normalize('NFKD')
    .replaceAll(/[^\x20-\x7E]/g, '')
    .toLowerCase()
    .replaceAll(' ', '.')
  return { name, email: `${address}@example.com` }
}
