import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { SweepSchedule } from '../../src/webhooks/sweep-schedule.js'
import { inStep, loseHooks, soldBy } from '../support/reconcile.js'
import { startTestSystem, until, type Listings, type TestSystem } from '../support/test-system.js'

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

const sweepsOf = (eventId: string) =>
  prisma.channel.findMany({ where: { eventId }, include: { sweep: true }, orderBy: { platform: 'asc' } })

async function eventOnSale() {
  const listings = system.list()
  const id = await system.createEvent(300, listings)
  await inStep(system, id)
  await subscribed(listings)
  return { id, listings }
}

/** A new subscription has its event read once, as what was sold before it was told by nobody. */
async function subscribed(listings: Listings): Promise<void> {
  await until(() => {
    const events = system.eventbrite.control.webhooks().map(({ eventId }) => eventId)
    expect(events).toContain(listings.eventbrite)
  })
  await system.eventbrite.drain(3_000)
}

describe('sweeps', () => {
  it('find sales and cancellations whose webhooks were lost, and come more often then', async () => {
    const { id, listings } = await eventOnSale()
    loseHooks(system)
    const order = system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 3 })
    const guest = system.luma.control.register({ eventId: listings.luma, quantity: 2 })
    const rsvp = system.meetup.control.rsvp(listings.meetup, { guests: 1 })
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 3, LUMA: 2, MEETUP: 2 }))
    if (order.orderId === null || guest.guestId === null || rsvp.rsvpId === null) throw new Error('not sold')
    system.eventbrite.control.refund(order.orderId)
    system.luma.control.cancel(listings.luma, guest.guestId)
    system.meetup.control.cancel(rsvp.rsvpId)
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 0, LUMA: 0, MEETUP: 0 }))
    const [meetup, eventbrite, luma] = await sweepsOf(id)
    expect(luma?.sweep).toMatchObject({ untoldAt: expect.any(Date), pauseMs: 1_000 })
    expect(meetup?.sweep).toMatchObject({ untoldAt: null, nextPollAt: expect.any(Date) })
    expect(eventbrite?.sweep?.nextPollAt).toBeNull()
    const metrics = await system.app.call<string>('GET', '//metrics', { token: system.token })
    const other = await system.apps[1]?.app.inject('/metrics')
    expect(`${metrics.body}${other?.body}`).toMatch(/sweep_untold_orders_total\{platform="LUMA"\} [1-9]/)
    loseHooks(system, false)
  })

  it('go on after an event was closed: late sales and cancellations are recorded, without any webhook', async () => {
    const { id, listings } = await eventOnSale()
    loseHooks(system)
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
    const [meetup] = await sweepsOf(id)
    await until(async () => expect((await sweepsOf(id))[0]?.sweep?.nextPollAt).toBeNull())
    // Not for ever.
    const longAgo = new Date(Date.now() - 3 * 86_400_000)
    await prisma.event.update({ where: { id }, data: { closedSince: longAgo } })
    const due = await system.app.app.get(SweepSchedule).due(new Date(Date.now() + 86_400_000))
    expect(due.map((channel) => channel.id)).not.toContain(meetup?.id)
    loseHooks(system, false)
  })

  it('come earlier than planned once the listing’s state wants it', async () => {
    const { id, listings } = await eventOnSale()
    const meetup = await until(async () => {
      const [first] = await sweepsOf(id)
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
    const planned = (await sweepsOf(id))[0]?.sweep?.nextPollAt?.getTime() ?? Infinity
    expect(planned).toBeLessThan(Date.now() + 60_000)
  })

  it('are asked for by one of two processes', async () => {
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

  it('are not needed for what webhooks tell: fifty of one event cost few pulls', async () => {
    const listings = system.list()
    const id = await system.createEvent(600, listings)
    await inStep(system, id)
    const path = `/events/${listings.eventbrite}/attendees/`
    const pulls = () => system.eventbrite.trace.query().calls.filter((call) => call.path.includes(path)).length
    const hooks = () => system.eventbrite.sender.counts.delivered
    const singles = () => system.eventbrite.trace.query().calls.filter((call) => /\/orders\/\d+\//.test(call.path)).length
    await subscribed(listings)
    const before = { pulls: pulls(), hooks: hooks(), singles: singles(), at: Date.now() }
    for (let i = 0; i < 10; i++) system.eventbrite.control.buy({ eventId: listings.eventbrite, quantity: 2 })
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ EVENTBRITE: 20 }))
    await system.eventbrite.drain(5_000)
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(hooks() - before.hooks).toBeGreaterThanOrEqual(50)
    // One for each spacing of 2 s, and what the sweeps of these seconds add.
    const seconds = (Date.now() - before.at) / 1_000
    expect(pulls() - before.pulls).toBeLessThanOrEqual(Math.ceil(seconds / 2) + Math.ceil(seconds / 1.8) + 2)
    expect(singles() - before.singles).toBeLessThanOrEqual(10)
  })
})

describe('a listing that is not read for long', () => {
  it('raises SYNC_STALE once, with text, and is well again when it is read', async () => {
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
