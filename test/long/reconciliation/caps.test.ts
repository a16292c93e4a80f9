import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import {
  summarize,
  untilCounted,
  untilInSync,
  createEventWithoutWebhooks,
  reconcile,
  soldBy,
  startIdleTestSystem,
} from '../../support/fixtures/reconcile.js'
import { addUnits } from '../../support/fixtures/balances.js'
import { until, type TestSystem } from '../../support/service/test-system.js'

let system: TestSystem
beforeAll(async () => {
  system = await startIdleTestSystem()
})
afterAll(() => system.close())

describe('Reconciliation of caps and modes', () => {
  it('finds caps that were changed manually, counts them as exposure, and resets them', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
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
    expect(summarize(dry.items)).toEqual(drifts(false))
    expect(system.eventbrite.control.truth(listings.eventbrite).capacity).toBe(140)

    const run = await reconcile(system, { eventId: id })
    expect(summarize(run.items)).toEqual(drifts(true))
    await untilInSync(system, id)
    expect(system.eventbrite.control.truth(listings.eventbrite).capacity).toBe(90)
    expect(system.luma.control.truth(listings.luma).cap).toBe(90)
    expect(system.meetup.control.truth(listings.meetup).cap).toBe(90)
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })

  it('finds the cleared limit of one of several ticket types although the event has a cap', async () => {
    const { luma } = system
    const listing = luma.control.createEvent({ ticketTypes: [{ maxCapacity: 10 }, { maxCapacity: 80 }] })
    const { id } = await createEventWithoutWebhooks(system, 300, { ...system.list(), luma: listing.eventId })
    const caps = () => luma.control.truth(listing.eventId).ticketTypes.map(({ cap }) => cap)
    // The event had no known cap of its own, so one was written although the ticket types add up to the desired cap.
    expect(luma.control.truth(listing.eventId)).toMatchObject({ eventCap: 90, ticketTypes: [{ cap: 10 }, { cap: 80 }] })
    const before = caps()
    luma.control.setCap(listing.eventId, null, listing.ticketTypes[1]?.id)
    const drift = { channel: 'LUMA', kind: 'CAP_DRIFT', ledger: 90, platform: null }
    const dry = await reconcile(system, { eventId: id, dryRun: true })
    expect(summarize(dry.items)).toEqual([{ ...drift, corrected: false }])
    const run = await reconcile(system, { eventId: id })
    expect(summarize(run.items)).toEqual([{ ...drift, corrected: true }])
    expect(caps()).toEqual(before)
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })

  it('finds sales that were closed or opened manually', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    system.meetup.control.editEvent(listings.meetup, { rsvpsClosed: true })
    const closed = await reconcile(system, { eventId: id })
    expect(summarize(closed.items)).toEqual([
      { channel: 'MEETUP', kind: 'MODE_DRIFT', ledger: 'OPEN', platform: 'WAITLIST_ONLY', corrected: true },
    ])
    expect(system.meetup.control.truth(listings.meetup)).toMatchObject({ mode: 'OPEN', cap: 90 })

    const pause = await system.app.call('POST', `/events/${id}/pause`, { token: system.token })
    expect(pause.status).toBe(200)
    await until(async () => {
      const { channels } = await system.stock(id)
      expect(channels.filter(({ mode }) => mode === 'WAITLIST_ONLY')).toHaveLength(4)
    })
    await untilCounted(system, id)
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
    system.meetup.control.editEvent(listings.meetup, { rsvpsClosed: false, maxTickets: 30 })
    const opened = await reconcile(system, { eventId: id })
    expect(summarize(opened.items)).toEqual([
      { channel: 'MEETUP', kind: 'CAP_DRIFT', ledger: 1, platform: 30, corrected: true },
      { channel: 'MEETUP', kind: 'MODE_DRIFT', ledger: 'WAITLIST_ONLY', platform: 'OPEN', corrected: true },
    ])
    expect(system.meetup.control.truth(listings.meetup).mode).toBe('WAITLIST_ONLY')
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })

  it('does not report a correction when the organizer has ended sales', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    for (const { id: classId } of system.eventbrite.control.truth(listings.eventbrite).classes) {
      system.eventbrite.control.edit(listings.eventbrite, classId, {
        // Forms have whole minutes; at one second of the minute it would be an end of ours.
        sales_end: new Date(Math.floor(Date.now() / 60_000 - 1) * 60_000).toISOString(),
      })
    }
    const ended = { channel: 'EVENTBRITE', kind: 'MODE_DRIFT', ledger: 'OPEN', platform: 'WAITLIST_ONLY' }
    for (let runNumber = 0; runNumber < 2; runNumber++) {
      const { items } = await reconcile(system, { eventId: id })
      expect(summarize(items)).toEqual([{ ...ended, corrected: false }])
    }
  })

  it('reports no mode drift when a platform is sold out', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system, 30)
    const { cap } = system.meetup.control.truth(listings.meetup)
    for (let i = 0; i < (cap ?? 0); i++) system.meetup.control.rsvp(listings.meetup)
    expect(system.meetup.control.truth(listings.meetup).mode).toBe('WAITLIST_ONLY')
    const run = await reconcile(system, { eventId: id })
    expect(new Set(run.items.map(({ kind }) => kind))).toEqual(new Set(['MISSING_SALE']))
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })

  it('reports nothing when the cap at Luma cannot be read', async () => {
    const listings = system.list()
    const luma = system.luma.control.createEvent({
      maxCapacity: 5,
      ticketTypes: [{ maxCapacity: null }, { maxCapacity: null }],
    })
    const { id } = await createEventWithoutWebhooks(system, 300, { ...listings, luma: luma.eventId })
    const { items } = await reconcile(system, { eventId: id })
    expect(items).toEqual([])
  })
})

describe('Reconciliation of the stock gate', () => {
  it('rebuilds a gate that differs from the ledger or is missing', async () => {
    const { id } = await createEventWithoutWebhooks(system)
    const redis = new Redis(system.redisUrl)
    try {
      const { epoch } = await system.stock(id)
      await redis.hincrby(`event:{${id}}:stock`, 'SAFETY', 7)
      const dry = await reconcile(system, { eventId: id, dryRun: true })
      const item = { channel: null, kind: 'GATE_DRIFT', ledger: { SAFETY: 30 }, platform: { SAFETY: 37 } }
      expect(summarize(dry.items)).toEqual([{ ...item, corrected: false }])
      expect(await redis.hget(`event:{${id}}:stock`, 'SAFETY')).toBe('37')
      expect(summarize((await reconcile(system, { eventId: id })).items)).toEqual([{ ...item, corrected: true }])
      expect(await redis.hmget(`event:{${id}}:stock`, 'SAFETY', 'epoch')).toEqual(['30', String(epoch + 1)])

      await redis.del(`event:{${id}}:stock`)
      const missing = await reconcile(system, { eventId: id })
      expect(summarize(missing.items)).toEqual([
        { channel: null, kind: 'GATE_DRIFT', ledger: null, platform: null, corrected: true },
      ])
      expect((await reconcile(system, { eventId: id })).items).toEqual([])
    } finally {
      redis.disconnect()
    }
  })

  it('reports no drift when the gate is ahead of the ledger by operations in flight', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system, 600)
    const sales = Array.from({ length: 40 }, (_, i) =>
      system.app.call('POST', `/events/${id}/safety-stock/sales`, {
        token: system.token,
        body: { quantity: 1, buyer: { name: 'Ada', email: `ada.${i}@example.com` }, reason: 'at the door' },
      }),
    )
    const run = await reconcile(system, { eventId: id })
    expect(run.items).toEqual([])
    const responses = await Promise.all(sales)
    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 201))
    expect(await soldBy(system, id)).toMatchObject({ DIRECT: 40 })
    expect(listings.luma).not.toBe('')
  })

  it('corrects the gate and balances that are not the sum of their movements', async () => {
    const { id } = await createEventWithoutWebhooks(system)
    const prisma = system.app.app.get(PrismaService)
    await addUnits(prisma, id, { SAFETY: -3, UNALLOCATED: 3 })
    const run = await reconcile(system, { eventId: id })
    expect(summarize(run.items)).toMatchObject([
      { kind: 'GATE_DRIFT', ledger: { SAFETY: 30 }, platform: { SAFETY: 27 } },
    ])
    expect((await system.stock(id)).safetyStock.remaining).toBe(30)
    expect((await reconcile(system, { eventId: id })).items).toEqual([])
  })
})
