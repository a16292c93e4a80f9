import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../src/infrastructure/prisma/prisma.service.js'
import { brief, counted, inStep, quietEvent, reconcile, soldBy, startIdleTestSystem } from '../support/reconcile.js'
import { until, type TestSystem } from '../support/test-system.js'

let system: TestSystem
beforeAll(async () => {
  system = await startIdleTestSystem()
})
afterAll(() => system.close())

describe('a cap or mode that somebody changed by hand', () => {
  it('is found, counts as exposure at once, and is set back', async () => {
    const { id, listings } = await quietEvent(system)
    system.eventbrite.control.edit(listings.eventbrite, null, { capacity_total: 140 })
    const [type] = system.luma.control.truth(listings.luma).ticketTypes
    system.luma.control.setCap(listings.luma, 40, type?.id)
    system.meetup.control.editEvent(listings.meetup, { maxTickets: null })
    const dry = await reconcile(system, { eventId: id, dryRun: true })
    const drifts = (corrected: boolean) => [
      { channel: 'EVENTBRITE', kind: 'CAP_DRIFT', ledger: 90, platform: 140, corrected },
      { channel: 'LUMA', kind: 'CAP_DRIFT', ledger: 90, platform: 40, corrected },
      { channel: 'MEETUP', kind: 'CAP_DRIFT', ledger: 90, platform: null, corrected },
    ]
    expect(brief(dry.items)).toEqual(drifts(false))
    expect(system.eventbrite.control.truth(listings.eventbrite).capacity).toBe(140)

    const run = await reconcile(system, { eventId: id })
    expect(brief(run.items)).toEqual(drifts(true))
    await inStep(system, id)
    expect(system.eventbrite.control.truth(listings.eventbrite).capacity).toBe(90)
    expect(system.luma.control.truth(listings.luma).cap).toBe(90)
    expect(system.meetup.control.truth(listings.meetup).cap).toBe(90)
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })

  it('is found where the limit of one of several ticket types was cleared, though the event’s cap holds', async () => {
    const { luma } = system
    const listing = luma.control.createEvent({ ticketTypes: [{ maxCapacity: 10 }, { maxCapacity: 80 }] })
    const { id } = await quietEvent(system, 300, { ...system.list(), luma: listing.eventId })
    const caps = () => luma.control.truth(listing.eventId).ticketTypes.map(({ cap }) => cap)
    // Not known to be limited by itself, the event was, although the types allowed just what was wanted.
    expect(luma.control.truth(listing.eventId)).toMatchObject({ eventCap: 90, ticketTypes: [{ cap: 10 }, { cap: 80 }] })
    const before = caps()
    luma.control.setCap(listing.eventId, null, listing.ticketTypes[1]?.id)
    const drift = { channel: 'LUMA', kind: 'CAP_DRIFT', ledger: 90, platform: null }
    const dry = await reconcile(system, { eventId: id, dryRun: true })
    expect(brief(dry.items)).toEqual([{ ...drift, corrected: false }])
    const run = await reconcile(system, { eventId: id })
    expect(brief(run.items)).toEqual([{ ...drift, corrected: true }])
    expect(caps()).toEqual(before)
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })

  it('is found where sales were closed there, or opened', async () => {
    const { id, listings } = await quietEvent(system)
    system.meetup.control.editEvent(listings.meetup, { rsvpsClosed: true })
    const closed = await reconcile(system, { eventId: id })
    expect(brief(closed.items)).toEqual([
      { channel: 'MEETUP', kind: 'MODE_DRIFT', ledger: 'OPEN', platform: 'WAITLIST_ONLY', corrected: true },
    ])
    expect(system.meetup.control.truth(listings.meetup)).toMatchObject({ mode: 'OPEN', cap: 90 })

    const pause = await system.app.call('POST', `/events/${id}/pause`, { token: system.token })
    expect(pause.status).toBe(200)
    await until(async () => {
      const { channels } = await system.stock(id)
      expect(channels.filter(({ mode }) => mode === 'WAITLIST_ONLY')).toHaveLength(4)
    })
    await counted(system, id)
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
    system.meetup.control.editEvent(listings.meetup, { rsvpsClosed: false, maxTickets: 30 })
    const opened = await reconcile(system, { eventId: id })
    expect(brief(opened.items)).toEqual([
      { channel: 'MEETUP', kind: 'CAP_DRIFT', ledger: 1, platform: 30, corrected: true },
      { channel: 'MEETUP', kind: 'MODE_DRIFT', ledger: 'WAITLIST_ONLY', platform: 'OPEN', corrected: true },
    ])
    expect(system.meetup.control.truth(listings.meetup).mode).toBe('WAITLIST_ONLY')
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })

  it('is not called corrected where that has no effect: sales that the organizer has ended stay ended', async () => {
    const { id, listings } = await quietEvent(system)
    for (const { id: classId } of system.eventbrite.control.truth(listings.eventbrite).classes) {
      system.eventbrite.control.edit(listings.eventbrite, classId, {
        sales_end: new Date(Date.now() - 60_000).toISOString(),
      })
    }
    const ended = { channel: 'EVENTBRITE', kind: 'MODE_DRIFT', ledger: 'OPEN', platform: 'WAITLIST_ONLY' }
    for (let night = 0; night < 2; night++) {
      const { items } = await reconcile(system, { eventId: id })
      expect(brief(items)).toEqual([{ ...ended, corrected: false }])
    }
  })

  it('is no drift where a platform is sold out', async () => {
    const { id, listings } = await quietEvent(system, 30)
    const { cap } = system.meetup.control.truth(listings.meetup)
    for (let i = 0; i < (cap ?? 0); i++) system.meetup.control.rsvp(listings.meetup)
    expect(system.meetup.control.truth(listings.meetup).mode).toBe('WAITLIST_ONLY')
    const run = await reconcile(system, { eventId: id })
    expect(new Set(run.items.map(({ kind }) => kind))).toEqual(new Set(['MISSING_SALE']))
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })

  it('is left to the sweeps where Luma does not let a cap be read', async () => {
    const listings = system.list()
    const luma = system.luma.control.createEvent({
      maxCapacity: 5,
      ticketTypes: [{ maxCapacity: null }, { maxCapacity: null }],
    })
    const { id } = await quietEvent(system, 300, { ...listings, luma: luma.eventId })
    const { items } = await reconcile(system, { eventId: id })
    expect(items).toEqual([])
  })
})

describe('a stock gate', () => {
  it('that shows other stock than the ledger, or none, is rebuilt', async () => {
    const { id } = await quietEvent(system)
    const redis = new Redis(system.redisUrl)
    try {
      const { epoch } = await system.stock(id)
      await redis.hincrby(`event:{${id}}:stock`, 'SAFETY', 7)
      const dry = await reconcile(system, { eventId: id, dryRun: true })
      const item = { channel: null, kind: 'GATE_DRIFT', ledger: { SAFETY: 30 }, platform: { SAFETY: 37 } }
      expect(brief(dry.items)).toEqual([{ ...item, corrected: false }])
      expect(await redis.hget(`event:{${id}}:stock`, 'SAFETY')).toBe('37')
      expect(brief((await reconcile(system, { eventId: id })).items)).toEqual([{ ...item, corrected: true }])
      expect(await redis.hmget(`event:{${id}}:stock`, 'SAFETY', 'epoch')).toEqual(['30', String(epoch + 1)])

      await redis.del(`event:{${id}}:stock`)
      const gone = await reconcile(system, { eventId: id })
      expect(brief(gone.items)).toEqual([
        { channel: null, kind: 'GATE_DRIFT', ledger: null, platform: null, corrected: true },
      ])
      expect((await reconcile(system, { eventId: id })).items).toEqual([])
    } finally {
      redis.disconnect()
    }
  })

  it('that is ahead of the ledger by what is on its way is not wrong', async () => {
    const { id, listings } = await quietEvent(system, 600)
    const sales = Array.from({ length: 40 }, (_, i) =>
      system.app.call('POST', `/events/${id}/safety-stock/sales`, {
        token: system.token,
        body: { quantity: 1, buyer: { name: 'Ada', email: `ada.${i}@example.com` }, reason: 'at the door' },
      }),
    )
    const run = await reconcile(system, { eventId: id })
    expect(run.items).toEqual([])
    const answers = await Promise.all(sales)
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
    expect(await soldBy(system, id)).toMatchObject({ DIRECT: 40 })
    expect(listings.luma).not.toBe('')
  })

  it('and balances that are not the sum of their movements are both put right', async () => {
    const { id } = await quietEvent(system)
    const prisma = system.app.app.get(PrismaService)
    await prisma.balance.update({
      where: { eventId: id },
      data: { safety: { decrement: 3 }, unallocated: { increment: 3 } },
    })
    const run = await reconcile(system, { eventId: id })
    expect(brief(run.items)).toMatchObject([{ kind: 'GATE_DRIFT', ledger: { SAFETY: 30 }, platform: { SAFETY: 27 } }])
    expect((await system.stock(id)).safetyStock.remaining).toBe(30)
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })
})
