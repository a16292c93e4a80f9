import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Platform } from '../../../src/domain/channel.js'
import {
  summarize,
  dumpTables,
  dropWebhooks,
  createEventWithoutWebhooks,
  reconcile,
  soldBy,
  startIdleTestSystem,
} from '../../support/fixtures/reconcile.js'
import type { TestSystem } from '../../support/service/test-system.js'

let system: TestSystem
beforeAll(async () => {
  system = await startIdleTestSystem()
})
afterAll(() => system.close())
afterEach(() => {
  dropWebhooks(system, false)
  for (const { knobs } of [system.eventbrite, system.luma, system.meetup.control])
    knobs.patch({ truncatedPage: 0, emptyPage: 0 })
  system.luma.toggles.patch({ selfCancelShape: 'declined', reRegistration: 'sameGuest', maxPageSize: 100 })
})

function buyEverywhere({ eventbrite, luma, meetup }: { eventbrite: string; luma: string; meetup: string }) {
  const order = system.eventbrite.control.buy({ eventId: eventbrite, quantity: 3 })
  const guest = system.luma.control.register({ eventId: luma, quantity: 2, email: `buyer.${luma}@example.com` })
  const rsvp = system.meetup.control.rsvp(meetup, { guests: 1, memberId: `member-${meetup}` })
  return {
    order: order.orderId ?? '',
    seats: 'attendeeIds' in order ? order.attendeeIds : [],
    guest: guest.guestId ?? '',
    rsvp: rsvp.rsvpId ?? '',
  }
}

type Kind = 'MISSING_SALE' | 'MISSING_CANCELLATION' | 'UNKNOWN_TICKET_CLASS'

/** An item as `summarize` returns it. Counts are live tickets. */
function drift(
  channel: Platform,
  kind: Kind,
  externalOrderId: string | null,
  [ledger, platform]: [ledger: number, platform: number],
  corrected = true,
) {
  return { channel, kind, externalOrderId, ledger, platform, corrected }
}

describe('Reconciliation of orders without webhooks', () => {
  it('finds sales and cancellations, records them once, and finds nothing in the next run', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const { order, guest, rsvp } = buyEverywhere(listings)
    const missing = (corrected: boolean) => [
      drift('EVENTBRITE', 'MISSING_SALE', order, [0, 3], corrected),
      drift('LUMA', 'MISSING_SALE', guest, [0, 2], corrected),
      drift('MEETUP', 'MISSING_SALE', rsvp, [0, 2], corrected),
    ]
    const before = await dumpTables(system.databaseUrl)
    const dry = await reconcile(system, { eventId: id, dryRun: true })
    expect(dry).toMatchObject({ state: 'SUCCEEDED', dryRun: true, trigger: 'OPERATOR', eventsDone: 1, itemCount: 3 })
    expect(summarize(dry.items)).toEqual(missing(false))
    expect(await dumpTables(system.databaseUrl)).toEqual(before)

    expect(summarize((await reconcile(system, { eventId: id })).items)).toEqual(missing(true))
    expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 3, LUMA: 2, MEETUP: 2 })
    expect((await reconcile(system, { eventId: id })).items).toEqual([])

    system.eventbrite.control.refund(order)
    system.luma.control.cancel(listings.luma, guest)
    system.meetup.control.cancel(rsvp)
    const run = await reconcile(system, { eventId: id })
    expect(summarize(run.items)).toEqual([
      drift('EVENTBRITE', 'MISSING_CANCELLATION', order, [3, 0]),
      drift('LUMA', 'MISSING_CANCELLATION', guest, [2, 0]),
      drift('MEETUP', 'MISSING_CANCELLATION', rsvp, [2, 0]),
    ])
    expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 0, LUMA: 0, MEETUP: 0 })
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })

  it('compares individual tickets when one of three is refunded and a guest is removed', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const { order, seats, rsvp } = buyEverywhere(listings)
    await reconcile(system, { eventId: id })
    system.eventbrite.control.refund(order, seats.slice(1, 2))
    system.meetup.control.setGuests(rsvp, 0)
    const run = await reconcile(system, { eventId: id })
    expect(summarize(run.items)).toEqual([
      drift('EVENTBRITE', 'MISSING_CANCELLATION', order, [3, 2]),
      drift('MEETUP', 'MISSING_CANCELLATION', rsvp, [2, 1]),
    ])
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })

  it('counts a guest once who cancelled and registered again', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const { guest, rsvp } = buyEverywhere(listings)
    await reconcile(system, { eventId: id })
    const email = `buyer.${listings.luma}@example.com`
    system.luma.control.cancel(listings.luma, guest)
    expect(system.luma.control.register({ eventId: listings.luma, quantity: 1, email }).guestId).toBe(guest)
    system.meetup.control.cancel(rsvp)
    system.meetup.control.rsvp(listings.meetup, { guests: 2, memberId: `member-${listings.meetup}` })
    const run = await reconcile(system, { eventId: id })
    expect(summarize(run.items)).toEqual([
      drift('LUMA', 'MISSING_CANCELLATION', guest, [2, 1]),
      drift('MEETUP', 'MISSING_SALE', rsvp, [2, 3]),
    ])
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 1, MEETUP: 3 })
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })
})

describe('Reconciliation of orders whose change the platform dates before the last one', () => {
  it('corrects them once two readings agree', async () => {
    const setClocksBack = (ms: number) => {
      for (const { knobs } of [system.eventbrite, system.meetup.control]) knobs.patch({ clockSkewMs: -ms })
    }
    onTestFinished(() => setClocksBack(0))
    setClocksBack(120_000)
    const { id, listings } = await createEventWithoutWebhooks(system)
    const { order, rsvp } = buyEverywhere(listings)
    await reconcile(system, { eventId: id })
    setClocksBack(180_000)
    system.eventbrite.control.refund(order)
    system.meetup.control.cancel(rsvp)
    const run = await reconcile(system, { eventId: id })
    expect(summarize(run.items)).toEqual([
      drift('EVENTBRITE', 'MISSING_CANCELLATION', order, [3, 0]),
      drift('MEETUP', 'MISSING_CANCELLATION', rsvp, [2, 0]),
    ])
    expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 0, MEETUP: 0 })
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })
})

describe('Reconciliation of missing orders', () => {
  async function expectEmptyListsUnreadable(id: string): Promise<void> {
    system.luma.knobs.patch({ emptyPage: 1 })
    system.eventbrite.knobs.patch({ emptyPage: 1 })
    const run = await reconcile(system, { eventId: id })
    expect(summarize(run.items).map(({ channel, kind }) => [channel, kind])).toEqual([
      ['EVENTBRITE', 'UNREADABLE'],
      ['LUMA', 'UNREADABLE'],
    ])
  }

  it('counts a missing order as cancelled once two reads agree, and as sold when it reappears', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const { order, guest, rsvp } = buyEverywhere(listings)
    await reconcile(system, { eventId: id })
    system.luma.toggles.patch({ selfCancelShape: 'vanishes' })
    system.luma.control.cancel(listings.luma, guest)
    // Meetup does not list members who withdrew their response.
    system.meetup.control.mark(rsvp, 'HAVENT')
    const run = await reconcile(system, { eventId: id })
    expect(summarize(run.items)).toEqual([
      drift('LUMA', 'MISSING_CANCELLATION', guest, [2, 0]),
      drift('MEETUP', 'MISSING_CANCELLATION', rsvp, [2, 0]),
    ])
    expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 3, LUMA: 0, MEETUP: 0 })
    expect((await reconcile(system, { eventId: id })).items).toEqual([])

    system.luma.control.register({ eventId: listings.luma, quantity: 2, email: `buyer.${listings.luma}@example.com` })
    system.meetup.control.mark(rsvp, 'YES')
    const back = await reconcile(system, { eventId: id })
    expect(back.items.map(({ kind, platform }) => [kind, platform])).toEqual([
      ['MISSING_SALE', 2],
      ['MISSING_SALE', 2],
    ])
    expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 3, LUMA: 2, MEETUP: 2 })
    expect(order).not.toBe('')
  })

  it('corrects nothing from an incomplete list', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system, 600)
    for (let i = 0; i < 15; i++)
      system.luma.control.register({ eventId: listings.luma, email: `early.${i}@example.com` })
    for (let i = 0; i < 55; i++) system.meetup.control.rsvp(listings.meetup)
    for (let i = 0; i < 30; i++) system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 2 })
    await reconcile(system, { eventId: id })
    const sold = await soldBy(system, id)
    expect(sold).toMatchObject({ EVENTBRITE: 60, LUMA: 15, MEETUP: 55 })
    buyEverywhere(listings)
    system.luma.toggles.patch({ maxPageSize: 10 })
    for (const { knobs } of [system.eventbrite, system.luma, system.meetup.control]) knobs.patch({ truncatedPage: 1 })
    const run = await reconcile(system, { eventId: id })
    expect(run.items.map(({ kind, corrected }) => [kind, corrected])).toEqual(
      Array.from({ length: run.items.length }, () => ['UNREADABLE', false]),
    )
    expect(new Set(run.items.map(({ channel }) => channel))).toEqual(new Set(['EVENTBRITE', 'LUMA', 'MEETUP']))
    expect(await soldBy(system, id)).toEqual(sold)
    const alerts = await system.app.call<{ items: { eventId: string; platform: string }[] }>(
      'GET',
      '/alerts?kind=DRIFT',
      {
        token: system.token,
      },
    )
    const alerted = alerts.body.items.filter(({ eventId }) => eventId === id).map(({ platform }) => platform)
    expect(alerted.toSorted()).toEqual(['EVENTBRITE', 'LUMA', 'MEETUP'])
  })

  it('cancels nothing when a list is empty by mistake', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    buyEverywhere(listings)
    await reconcile(system, { eventId: id })
    await expectEmptyListsUnreadable(id)
    expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 3, LUMA: 2, MEETUP: 2 })
  })

  it('cancels nothing when all of many orders are missing, even if the list stays empty', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    for (let i = 0; i < 25; i++) {
      system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 1 })
      system.luma.control.register({ eventId: listings.luma, email: `many.${i}@example.com` })
    }
    await reconcile(system, { eventId: id })
    await expectEmptyListsUnreadable(id)
    expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 25, LUMA: 25 })
  })

  it('cancels nothing when the platform counts more tickets than it shows', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const { rsvp } = buyEverywhere(listings)
    system.meetup.control.rsvp(listings.meetup)
    await reconcile(system, { eventId: id })
    system.meetup.control.rsvp(listings.meetup, { hidden: true })
    system.meetup.control.mark(rsvp, 'HAVENT')
    const run = await reconcile(system, { eventId: id })
    expect(summarize(run.items)).toEqual([
      { channel: 'MEETUP', kind: 'UNREADABLE', ledger: null, platform: null, corrected: false },
    ])
    expect(run.items[0]?.detail).toContain('MEETUP counts 2 tickets and shows 1')
    expect(await soldBy(system, id)).toMatchObject({ MEETUP: 3 })
  })
})

describe('Reconciliation with hidden members', () => {
  it('corrects the orders that are shown, and finds nothing in the next run', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    system.meetup.control.rsvp(listings.meetup)
    const left = system.meetup.control.rsvp(listings.meetup, { guests: 1 })
    await reconcile(system, { eventId: id })
    for (let i = 0; i < 3; i++) system.meetup.control.rsvp(listings.meetup, { hidden: true })
    system.meetup.control.cancel(left.rsvpId ?? '')
    const late = system.meetup.control.rsvp(listings.meetup, { guests: 1 })
    expect(summarize((await reconcile(system, { eventId: id })).items)).toEqual([
      drift('MEETUP', 'MISSING_CANCELLATION', left.rsvpId, [2, 0]),
      drift('MEETUP', 'MISSING_SALE', late.rsvpId, [0, 2]),
    ])
    expect(await soldBy(system, id)).toMatchObject({ MEETUP: 3 })
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })
})

describe('Reconciliation of ticket classes', () => {
  it('moves tickets to the channel that sells their new class', async () => {
    const [one, two] = [system.list(), system.list()]
    const shared = system.eventbrite.control.createEvent({
      capacity: 500,
      classes: [{ capacity: 50 }, { capacity: 50 }],
    })
    const [a = '', b = ''] = shared.classes.map(({ id }) => id)
    const onClass = (listings: typeof one, externalTicketClassId: string) => ({
      channels: [
        { platform: 'EVENTBRITE', externalEventId: shared.id, externalTicketClassId },
        { platform: 'LUMA', externalEventId: listings.luma },
      ],
    })
    const first = await createEventWithoutWebhooks(system, 100, one, onClass(one, a))
    dropWebhooks(system, false)
    const second = await createEventWithoutWebhooks(system, 100, two, onClass(two, b))
    const sale = system.eventbrite.control.buy({ eventId: shared.id, ticketClassId: a, quantity: 2 })
    if (sale.orderId === null) throw new Error(sale.reason)
    await reconcile(system, { eventId: first.id })
    system.eventbrite.control.moveTicket(sale.orderId, sale.attendeeIds[0] ?? '', b)
    const externalOrderId = sale.orderId
    expect(summarize((await reconcile(system, { eventId: first.id })).items)).toEqual([
      drift('EVENTBRITE', 'MISSING_CANCELLATION', externalOrderId, [2, 1]),
    ])
    expect(summarize((await reconcile(system, { eventId: second.id })).items)).toEqual([
      drift('EVENTBRITE', 'MISSING_SALE', externalOrderId, [0, 1]),
    ])
    expect((await reconcile(system, { eventId: first.id })).items).toEqual([])
    expect((await reconcile(system, { eventId: second.id })).items).toEqual([])
  })

  it('reports tickets of a class that no channel sells once, and removes them from the ledger', async () => {
    const listings = system.list()
    const shared = system.eventbrite.control.createEvent({
      capacity: 500,
      classes: [{ capacity: 50 }, { capacity: 50 }],
    })
    const [a = '', b = ''] = shared.classes.map(({ id }) => id)
    const channel = { platform: 'EVENTBRITE', externalEventId: shared.id, externalTicketClassId: a }
    const { id } = await createEventWithoutWebhooks(system, 100, listings, { channels: [channel] })
    const own = system.eventbrite.control.buy({ eventId: shared.id, ticketClassId: a, quantity: 2 })
    const unknownClass = system.eventbrite.control.buy({ eventId: shared.id, ticketClassId: b, quantity: 3 })
    if (own.orderId === null || unknownClass.orderId === null) throw new Error('not sold')
    expect(summarize((await reconcile(system, { eventId: id })).items)).toEqual([
      drift('EVENTBRITE', 'MISSING_SALE', own.orderId, [0, 2]),
      drift('EVENTBRITE', 'UNKNOWN_TICKET_CLASS', unknownClass.orderId, [0, 3], false),
    ])
    system.eventbrite.control.moveTicket(own.orderId, own.attendeeIds[0] ?? '', b)
    expect(summarize((await reconcile(system, { eventId: id })).items)).toEqual([
      drift('EVENTBRITE', 'UNKNOWN_TICKET_CLASS', own.orderId, [2, 1]),
    ])
    expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 1 })
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
    const { body } = await system.app.call<{ items: { kind: string }[] }>('GET', `/events/${id}/drift`, {
      token: system.token,
    })
    expect(body.items.map(({ kind }) => kind)).toEqual(['UNKNOWN_TICKET_CLASS', 'UNKNOWN_TICKET_CLASS', 'MISSING_SALE'])
  })
})
