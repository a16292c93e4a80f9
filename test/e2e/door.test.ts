import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DoorDto } from '../../src/door/attendance/attendance.dto.js'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { reconcile, untilInSync } from '../support/fixtures/reconcile.js'
import { startTestSystem, until, type TestSystem } from '../support/service/test-system.js'

interface AttendeeBody {
  name: string
  platform: string
  ticketType: string | null
  tickets: { id: string; code: string | null; checkedInAt: string | null }[]
}

let system: TestSystem

beforeAll(async () => {
  system = await startTestSystem()
}, 120_000)
afterAll(() => system?.close(), 60_000)

it('The door has the attendees of all platforms, checks them in by their codes, and shows who is checked in there', async () => {
  const listings = system.list()
  const eventId = await system.createEvent(100, listings)
  await untilInSync(system, eventId)
  const { eventbrite, luma, meetup } = system
  const buyer = { name: 'Ana Example', email: 'ana@example.com' }
  const bought = eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 2, buyer })
  const guest = luma.control.register({ eventId: listings.luma, name: 'Cy Example', email: 'cy@example.com' })
  const rsvp = meetup.control.rsvp(listings.meetup, { memberName: 'Mia Member', guests: 1 })
  const attendees = async () => {
    const path = `/events/${eventId}/attendees`
    return (await system.app.call<{ items: AttendeeBody[] }>('GET', path, { token: system.token })).body.items
  }
  const checkIn = (code: string) =>
    system.app.call('POST', `/events/${eventId}/check-ins`, { token: system.token, body: { code } })
  const checkedIn = async () =>
    (await attendees()).map(({ platform, tickets }) => [
      platform,
      tickets.filter((ticket) => ticket.checkedInAt).length,
    ])
  await until(async () => {
    const shown = (await attendees()).map(({ name, platform, tickets }) => [name, platform, tickets.length])
    expect(shown).toEqual([
      ['Ana Example', 'EVENTBRITE', 2],
      ['Cy Example', 'LUMA', 1],
      ['Mia Member', 'MEETUP', 2],
    ])
  })
  const [ana, cy] = await attendees()
  expect(ana?.ticketType).toBe(eventbrite.control.attendees(bought.orderId ?? '')[0]?.className)
  const barcode = ana?.tickets[0]?.code ?? ''
  expect(barcode).toMatch(/^\d+001$/)
  expect(await checkIn(barcode)).toMatchObject({ status: 200, body: { name: 'Ana Example', first: true } })
  expect(cy?.tickets[0]?.code).toMatch(/^https:\/\/luma\.com\/check-in\//)
  expect(await checkIn(cy?.tickets[0]?.code ?? '')).toMatchObject({ status: 200, body: { name: 'Cy Example' } })
  expect(await checkedIn()).toEqual([
    ['EVENTBRITE', 1],
    ['LUMA', 1],
    ['MEETUP', 0],
  ])

  eventbrite.control.checkIn(bought.orderId ?? '')
  luma.control.checkIn(listings.luma, guest.guestId ?? '')
  meetup.control.mark(rsvp.rsvpId ?? '', 'ATTENDED')
  // Eventbrite's deliveries about check-ins are not subscribed to: a reading of the list shows them.
  await reconcile(system, { eventId })
  await until(async () =>
    expect(await checkedIn()).toEqual([
      ['EVENTBRITE', 2],
      ['LUMA', 1],
      ['MEETUP', 2],
    ]),
  )
})

it('An event that is over still learns from ordinary reads who came, such as members marked later on Meetup', async () => {
  const listings = system.list()
  const eventId = await system.createEvent(100, listings)
  await untilInSync(system, eventId)
  const { eventbrite, luma, meetup } = system
  const buyer = { name: 'Ben Example', email: 'ben@example.com' }
  const bought = eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 2, buyer })
  const guest = luma.control.register({ eventId: listings.luma, name: 'Di Example', email: 'di@example.com' })
  const [mia, noah] = ['Mia Member', 'Noah Member'].map((memberName) =>
    meetup.control.rsvp(listings.meetup, { memberName }),
  )
  await until(async () => expect((await system.stock(eventId)).sold).toBe(5))
  const attended = async () => {
    const { body } = await system.app.call<DoorDto>('GET', `/events/${eventId}/door`, { token: system.token })
    return Object.fromEntries(body.channels.map((channel) => [channel.platform, channel.attended]))
  }
  expect(await attended()).toEqual({ EVENTBRITE: 0, LUMA: 0, MEETUP: 0, DIRECT: 0 })

  const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000)
  const data = { startsAt: hoursAgo(30), endsAt: hoursAgo(26) }
  await system.app.app.get(PrismaService).event.update({ where: { id: eventId }, data })
  eventbrite.control.checkIn(bought.orderId ?? '')
  luma.control.checkIn(listings.luma, guest.guestId ?? '')
  meetup.control.mark(mia?.rsvpId ?? '', 'ATTENDED')
  meetup.control.mark(noah?.rsvpId ?? '', 'NO_SHOW')
  await until(async () => expect(await attended()).toEqual({ EVENTBRITE: 2, LUMA: 1, MEETUP: 1, DIRECT: 0 }), 60_000)
  expect((await system.stock(eventId)).sold).toBe(5)
}, 120_000)
