import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { SweepSchedule } from '../../src/inbound/polling/sweep-schedule.js'
import { untilInSync, dropWebhooks, soldBy } from '../support/fixtures/reconcile.js'
import { startTestSystem, until, type Listings, type TestSystem } from '../support/service/test-system.js'

let system: TestSystem
let prisma: PrismaService
beforeAll(async () => {
  system = await startTestSystem({
    instances: 2,
    env: { SWEEP_INTERVAL_SECONDS: '2', MEETUP_POLL_SECONDS: '1', REBALANCE_INTERVAL_SECONDS: '3600' },
  })
  prisma = system.app.app.get(PrismaService)
})
afterAll(() => system.close())

const channelsWithSweeps = (eventId: string) =>
  prisma.channel.findMany({ where: { eventId }, include: { sweep: true }, orderBy: { platform: 'asc' } })

async function eventOnSale() {
  const listings = system.list()
  const id = await system.createEvent(300, listings)
  await untilInSync(system, id)
  await untilSubscribed(listings)
  return { id, listings }
}

/** A new subscription causes one read of its event, because earlier sales were not reported. */
async function untilSubscribed(listings: Listings): Promise<void> {
  await until(() => {
    const events = system.eventbrite.control.webhooks().map(({ eventId }) => eventId)
    expect(events).toContain(listings.eventbrite)
  })
  await system.eventbrite.drain(3_000)
}

describe('The sweep schedule', () => {
  it('finds sales and cancellations whose webhooks were lost, and sweeps more often afterwards', async () => {
    const { id, listings } = await eventOnSale()
    dropWebhooks(system)
    const order = system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 3 })
    const guest = system.luma.control.register({ eventId: listings.luma, quantity: 2 })
    const rsvp = system.meetup.control.rsvp(listings.meetup, { guests: 1 })
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 3, LUMA: 2, MEETUP: 2 }))
    if (order.orderId === null || guest.guestId === null || rsvp.rsvpId === null) throw new Error('not sold')
    system.eventbrite.control.refund(order.orderId)
    system.luma.control.cancel(listings.luma, guest.guestId)
    system.meetup.control.cancel(rsvp.rsvpId)
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 0, LUMA: 0, MEETUP: 0 }))
    // Recorded after the orders of the same read.
    const [meetup, eventbrite] = await until(async () => {
      const channels = await channelsWithSweeps(id)
      expect(channels[2]?.sweep).toMatchObject({ missedWebhookAt: expect.any(Date), pauseMs: 1_000 })
      return channels
    })
    expect(meetup?.sweep).toMatchObject({ missedWebhookAt: null, nextPollAt: expect.any(Date) })
    expect(eventbrite?.sweep?.nextPollAt).toBeNull()
    const metrics = await system.app.call<string>('GET', '//metrics', { token: system.token })
    const other = await system.apps[1]?.app.inject('/metrics')
    expect(`${metrics.body}${other?.body}`).toMatch(/sweep_missed_webhooks_total\{platform="LUMA"\} [1-9]/)
    dropWebhooks(system, false)
  })

  it('continues after an event was closed, and finds late sales and cancellations', async () => {
    const { id, listings } = await eventOnSale()
    dropWebhooks(system)
    const close = system.app.call('POST', `/events/${id}/close`, { token: system.token })
    const guest = system.luma.control.register({ eventId: listings.luma, quantity: 2 })
    system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 3 })
    system.meetup.control.rsvp(listings.meetup, { guests: 1 })
    expect((await close).status).toBe(200)
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 3, LUMA: 2, MEETUP: 2 }))
    if (guest.guestId === null) throw new Error('not sold')
    system.luma.control.cancel(listings.luma, guest.guestId)
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 3, LUMA: 0, MEETUP: 2 }))
    await until(async () => {
      const { state, channels } = await system.stock(id)
      expect(state).toBe('CLOSED')
      expect(channels.map(({ mode }) => mode)).toEqual(Array(4).fill('WAITLIST_ONLY'))
    })
    const [meetup] = await channelsWithSweeps(id)
    await until(async () => expect((await channelsWithSweeps(id))[0]?.sweep?.nextPollAt).toBeNull())
    // Sweeps end some time after the closing.
    const longAgo = new Date(Date.now() - 3 * 86_400_000)
    await prisma.event.update({ where: { id }, data: { closedSince: longAgo } })
    const due = await system.app.app.get(SweepSchedule).due(new Date(Date.now() + 86_400_000))
    expect(due.map((channel) => channel.id)).not.toContain(meetup?.id)
    dropWebhooks(system, false)
  })

  it('sweeps earlier than planned when the state of the listing requires it', async () => {
    const { id, listings } = await eventOnSale()
    const meetup = await until(async () => {
      const [first] = await channelsWithSweeps(id)
      if (!first?.sweep) throw new Error('not planned yet')
      return first
    })
    const tomorrow = new Date(Date.now() + 86_400_000)
    await prisma.channelSweep.update({
      where: { channelId: meetup.id },
      data: { nextPollAt: tomorrow, nextSweepAt: tomorrow },
    })
    system.meetup.control.rsvp(listings.meetup, { guests: 1 })
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ MEETUP: 2 }))
    const planned = (await channelsWithSweeps(id))[0]?.sweep?.nextPollAt?.getTime() ?? Infinity
    expect(planned).toBeLessThan(Date.now() + 60_000)
  })

  it('requests each sweep from only one of two instances', async () => {
    const { id, listings } = await eventOnSale()
    const calls = () =>
      system.luma.trace
        .query()
        .calls.filter(
          ({ path }) => path.includes('/guests/list') && path.includes(listings.luma) && path.includes('=declined'),
        )
    const from = Date.now()
    const before = calls().length
    await new Promise((resolve) => setTimeout(resolve, 6_500))
    const seconds = (Date.now() - from) / 1_000
    const sweeps = calls().length - before
    expect(sweeps).toBeGreaterThanOrEqual(2)
    expect(sweeps).toBeLessThanOrEqual(Math.ceil(seconds / 1.8) + 1)
    expect(id).not.toBe('')
  })

  it('coalesces the reads of fifty webhooks of one event', async () => {
    const listings = system.list()
    const id = await system.createEvent(600, listings)
    await untilInSync(system, id)
    const path = `/events/${listings.eventbrite}/attendees/`
    const pulls = () => system.eventbrite.trace.query().calls.filter((call) => call.path.includes(path)).length
    const hooks = () => system.eventbrite.sender.counts.delivered
    const singles = () =>
      system.eventbrite.trace.query().calls.filter((call) => /\/orders\/\d+\//.test(call.path)).length
    await untilSubscribed(listings)
    const before = { pulls: pulls(), hooks: hooks(), singles: singles(), at: Date.now() }
    for (let i = 0; i < 10; i++) system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 2 })
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 20 }))
    await system.eventbrite.drain(5_000)
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(hooks() - before.hooks).toBeGreaterThanOrEqual(50)
    // One pull per minimum interval of 2 s, plus the sweeps in this time.
    const seconds = (Date.now() - before.at) / 1_000
    expect(pulls() - before.pulls).toBeLessThanOrEqual(Math.ceil(seconds / 2) + Math.ceil(seconds / 1.8) + 2)
    expect(singles() - before.singles).toBeLessThanOrEqual(10)
  })
})

describe('A listing that has not been read for long', () => {
  it('raises SYNC_STALE once with a detail, and resolves it when it is read again', async () => {
    const { id } = await eventOnSale()
    const stale = async () => {
      const { body } = await system.app.call<{
        items: { eventId: string; platform: string; detail: string; resolvedAt: string | null }[]
      }>('GET', '/alerts?kind=SYNC_STALE&limit=100', { token: system.token })
      return body.items.filter(({ eventId }) => eventId === id)
    }
    system.luma.knobs.patch({ serverErrorRate: 1 })
    await until(async () => expect(await stale()).toMatchObject([{ platform: 'LUMA' }]), 55_000)
    expect((await stale())[0]?.detail).toMatch(/LUMA: its sales and cancellations have not been read for \d+ s \(.+\)/)
    system.luma.knobs.patch({ serverErrorRate: 0 })
    await until(async () => expect((await stale())[0]?.resolvedAt).not.toBeNull(), 60_000)
    expect(await stale()).toHaveLength(1)
  }, 150_000)
})
