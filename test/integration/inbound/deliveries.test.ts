import { getQueueToken } from '@nestjs/bullmq'
import type { Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { JobQueues } from '../../../src/infrastructure/queues/job-queues.js'
import { PrismaService } from '../../../src/infrastructure/prisma/prisma.service.js'
import { QUEUES } from '../../../src/infrastructure/queues/queue-names.js'
import { Platforms } from '../../../src/platforms/platforms.js'
import { DeadLetterStore } from '../../../src/inbound/dead-letters/dead-letter-store.js'
import type { DeliveryDto } from '../../../src/inbound/dead-letters/deliveries.dto.js'
import type { OrderJob } from '../../../src/inbound/route/fetch-jobs.js'
import { HintRouter } from '../../../src/inbound/route/hint-router.js'
import {
  acceptLumaDeliveries,
  deliverFromLuma,
  guestOf,
  ignoredSalesOf,
  untilOrdersAreRead,
} from '../../support/fixtures/luma-deliveries.js'
import {
  untilInSync,
  dropWebhooks,
  createEventWithoutWebhooks,
  soldBy,
  startIdleTestSystem,
} from '../../support/fixtures/reconcile.js'
import { until, WEBHOOK_TOKEN, type TestSystem } from '../../support/service/test-system.js'

let system: TestSystem
beforeAll(async () => {
  system = await startIdleTestSystem()
  acceptLumaDeliveries(system)
})
afterAll(() => system.close())

async function list(query = ''): Promise<DeliveryDto[]> {
  const path = `/webhooks/deliveries?limit=100${query}`
  const { body } = await system.app.call<{ items: DeliveryDto[] }>('GET', path, { token: system.token })
  return body.items
}

async function untilStored(containing: string, state: string): Promise<DeliveryDto> {
  return until(async () => {
    const found = (await list()).find(({ body, state: now }) => body?.includes(containing) && now === state)
    if (!found) throw new Error(`no ${state} delivery with ${containing}`)
    return found
  })
}

const replay = (id: string, token = system.token) =>
  system.app.call<{ state: string }>('POST', `/webhooks/deliveries/${id}/replay`, { token })

const lumaDelivery = (body: object) => deliverFromLuma(system, body)
const ignoredSales = () => ignoredSalesOf(system)
const untilRead = (eventId: string) => untilOrdersAreRead(system, eventId)

/** The read that a delivery of a sale causes. */
function addSale(queue: Queue<OrderJob>, externalEventId: string, orderId: string, receivedAgoMs: number) {
  const body = Buffer.from(JSON.stringify(guestOf(externalEventId, orderId)))
  const [hint] = system.app.app.get(Platforms).ofEnvironment('LUMA').adapter.parseDelivery(body) ?? []
  if (hint?.kind !== 'ORDER' || !hint.snapshot) throw new Error('the delivery shows no order')
  const { snapshot } = hint
  expect(snapshot.tickets).toMatchObject([{ live: true }])
  const payloadSnapshot = { ...snapshot, placedAt: snapshot.placedAt?.toISOString() ?? null }
  const receivedAt = new Date(Date.now() - receivedAgoMs).toISOString()
  const received = { platform: 'LUMA', deliveryId: 'd', headers: {}, receivedAt, correlationId: 'c' } as const
  const delivery = { ...received, body: body.toString('base64') }
  const job: OrderJob = { kind: 'order', platform: 'LUMA', orderId, externalEventId, payloadSnapshot, delivery }
  return queue.add('order', job, { attempts: 1 })
}

describe('Webhook deliveries', () => {
  it('are listed with the reason and without personal data, and count after a replay once their channel exists', async () => {
    const listings = system.list()
    dropWebhooks(system)
    system.luma.control.setCap(listings.luma, 50)
    const [type] = system.luma.control.truth(listings.luma).ticketTypes
    system.luma.control.setCap(listings.luma, 50, type?.id)
    const { guestId } = system.luma.control.register({ eventId: listings.luma, quantity: 2, email: 'cy@example.com' })
    expect((await lumaDelivery(guestOf(listings.luma, guestId ?? ''))).status).toBe(202)
    const delivery = await untilStored(listings.luma, 'UNMATCHED')
    expect(delivery).toMatchObject({ platform: 'LUMA', attempts: 1, replayedAt: null })
    expect(delivery.reason).toBe(`no channel sells LUMA event ${listings.luma}`)
    expect(delivery.body).not.toMatch(/Cy|cy@example|4917|peanuts|g-secret/)
    expect(delivery.body).toContain('approved')
    const stored = await system.app.app
      .get(PrismaService)
      .webhookDelivery.findUniqueOrThrow({ where: { id: delivery.id } })
    expect(Buffer.from(stored.body).toString()).not.toMatch(/Cy|cy@example|4917|peanuts|g-secret/)

    const id = await system.createEvent(300, listings)
    await untilInSync(system, id)
    expect((await replay(delivery.id)).body).toMatchObject({ state: 'REPLAYED' })
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ LUMA: 2 }))
    expect((await list('&state=REPLAYED')).find((one) => one.id === delivery.id)).toMatchObject({
      attempts: 2,
      replayedAt: expect.any(String),
    })
    expect((await list('&platform=EVENTBRITE&state=UNMATCHED')).map(({ platform }) => platform)).not.toContain('LUMA')
  })

  it('do not restore cancelled tickets when a stale one is replayed', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const { guestId } = system.luma.control.register({ eventId: listings.luma, quantity: 1 })
    expect((await lumaDelivery(guestOf(listings.luma, guestId ?? ''))).status).toBe(202)
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ LUMA: 1 }))
    await untilRead(id)
    const queue = system.app.app.get<Queue<OrderJob>>(getQueueToken(QUEUES.reads))
    // From a job that failed permanently: the same delivery, from before the cancellation.
    const body = Buffer.from(JSON.stringify(guestOf(listings.luma, 'gst-NONE'))).toString('base64')
    const receivedAt = new Date(Date.now() - 60_000).toISOString()
    const old = { platform: 'LUMA', deliveryId: 'd', headers: {}, body, receivedAt, correlationId: 'c' } as const
    const job = {
      kind: 'order',
      platform: 'LUMA',
      orderId: 'gst-NONE',
      externalEventId: listings.luma,
      payloadSnapshot: null,
    } as const
    await queue.add('order', { ...job, delivery: old }, { attempts: 1 })
    const failed = await untilStored('gst-NONE', 'FAILED')
    expect(failed).toMatchObject({ platform: 'LUMA', receivedAt })
    expect(failed.reason).toContain('does not know order gst-NONE')

    system.luma.toggles.patch({ selfCancelShape: 'vanishes' })
    system.luma.control.cancel(listings.luma, guestId ?? '')
    system.luma.toggles.patch({ selfCancelShape: 'declined' })
    expect((await lumaDelivery(guestOf(listings.luma, guestId ?? '', 'declined'))).status).toBe(202)
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ LUMA: 0 }))
    // It reports "approved", the platform no longer has the guest, and the newer delivery reported "declined".
    const early = Buffer.from(JSON.stringify(guestOf(listings.luma, guestId ?? ''))).toString('base64')
    const stale = { ...job, orderId: guestId ?? '', delivery: { ...old, body: early } }
    system.luma.knobs.patch({ serverErrorRate: 1 })
    await queue.add('order', stale, { attempts: 1 })
    const second = await untilStored(guestId ?? '', 'FAILED')
    system.luma.knobs.patch({ serverErrorRate: 0 })
    expect((await replay(second.id)).status).toBe(202)
    await until(async () => {
      const counts = await queue.getJobCounts('wait', 'active', 'delayed')
      expect(counts).toEqual({ wait: 0, active: 0, delayed: 0 })
    })
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 0 })
  })

  it('do not count a sale that is repeated after the guest has cancelled and vanished', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const { guestId } = system.luma.control.register({ eventId: listings.luma, quantity: 2 })
    system.luma.toggles.patch({ selfCancelShape: 'vanishes' })
    system.luma.control.cancel(listings.luma, guestId ?? '')
    system.luma.toggles.patch({ selfCancelShape: 'declined' })
    const queue = system.app.app.get<Queue<OrderJob>>(getQueueToken(QUEUES.reads))
    const deliver = (receivedAgoMs: number) => addSale(queue, listings.luma, guestId ?? '', receivedAgoMs)
    const ignoredBefore = await ignoredSales()
    await deliver(60_000)
    await until(async () => {
      const counts = await queue.getJobCounts('wait', 'active', 'delayed')
      expect(counts).toEqual({ wait: 0, active: 0, delayed: 0 })
    })
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 0 })
    expect(await ignoredSales()).toBe(ignoredBefore + 1)
    expect((await list('&state=FAILED')).filter(({ body: text }) => text?.includes(guestId ?? ''))).toEqual([])
    // One that was just received may be ahead of what Luma shows: the read is repeated.
    await deliver(0)
    expect((await untilStored(guestId ?? '', 'FAILED')).reason).toContain(`does not know order ${guestId}`)
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 0 })
  })

  it('leave Redis once they are dead letters', async () => {
    const { listings } = await createEventWithoutWebhooks(system)
    const text = (guestId: string) => Buffer.from(JSON.stringify(guestOf(listings.luma, guestId))).toString('base64')
    const received = { deliveryId: 'd', headers: {}, receivedAt: new Date().toISOString(), correlationId: 'c' }
    const order = { kind: 'order', platform: 'LUMA', externalEventId: listings.luma, payloadSnapshot: null }
    const route = vi.spyOn(system.app.app.get(HintRouter), 'route').mockRejectedValue(new Error('broken'))
    try {
      for (const [name, guestId] of [
        [QUEUES.deliveries, 'gst-BROKEN'],
        [QUEUES.reads, 'gst-UNKNOWN'],
      ] as const) {
        const queue = system.app.app.get<Queue>(getQueueToken(name))
        const delivery = { ...received, platform: 'LUMA', body: text(guestId) }
        const data = name === QUEUES.deliveries ? delivery : { ...order, orderId: guestId, delivery }
        const job = await queue.add('failing', data, { attempts: 1 })
        await untilStored(guestId, 'FAILED')
        await until(async () => expect(await queue.getJob(job.id ?? '')).toBeUndefined())
      }
    } finally {
      route.mockRestore()
    }
  })

  it('become dead letters, and leave Redis, when the process ended between their last attempt and that', async () => {
    const { listings } = await createEventWithoutWebhooks(system)
    const app = system.app.app
    const body = Buffer.from(JSON.stringify(guestOf(listings.luma, 'gst-ORPHAN'))).toString('base64')
    const received = { deliveryId: 'd', headers: {}, receivedAt: new Date().toISOString(), correlationId: 'c' }
    const queue = app.get<Queue>(getQueueToken(QUEUES.deliveries))
    vi.spyOn(app.get(HintRouter), 'route').mockRejectedValue(new Error('broken'))
    // As that process left it: it neither stores the dead letter nor reports an error.
    const add = vi.spyOn(app.get(DeadLetterStore), 'add').mockReturnValue(new Promise(() => undefined))
    let id: string | undefined
    try {
      id = (await queue.add('failing', { ...received, platform: 'LUMA', body }, { attempts: 1 })).id
      await until(() => expect(add).toHaveBeenCalled())
    } finally {
      vi.restoreAllMocks()
    }
    expect(await queue.getFailedCount()).toBe(1)
    await app.get(JobQueues).retryExhausted(new Date(Date.now() + 1_000))
    expect(await untilStored('gst-ORPHAN', 'FAILED')).toMatchObject({ reason: 'broken' })
    expect(await queue.getJob(id ?? '')).toBeUndefined()
  })

  it('cost one platform call for an order of an unknown event, and none when repeated', async () => {
    const { eventbrite } = system
    const other = eventbrite.control.createEvent()
    const { orderId } = eventbrite.control.buy({ eventId: other.id, quantity: 1 })
    const path = `/v3/orders/${orderId}/`
    const body = {
      config: { action: 'order.placed', webhook_id: '1' },
      api_url: `https://www.eventbriteapi.com${path}`,
    }
    const deliver = async () =>
      expect((await system.app.call('POST', `//webhooks/eventbrite/${WEBHOOK_TOKEN}`, { body })).status).toBe(202)
    const callsBefore = eventbrite.trace.query().calls.length
    await deliver()
    await untilStored(orderId ?? '', 'UNMATCHED')
    const calls = () =>
      eventbrite.trace
        .query()
        .calls.slice(callsBefore)
        .filter(({ operation }) => operation === 'read_order' || operation === 'list_attendees')
    expect(calls()).toHaveLength(1)
    const queue = system.app.app.get<Queue<OrderJob>>(getQueueToken(QUEUES.reads))
    for (let n = 0; n < 3; n++) {
      await deliver()
      await until(async () => {
        const counts = await queue.getJobCounts('wait', 'active', 'delayed')
        expect(counts).toEqual({ wait: 0, active: 0, delayed: 0 })
      })
    }
    expect(calls()).toHaveLength(1)
    expect((await list()).filter(({ body: text }) => text?.includes(path))).toHaveLength(1)
  })

  it('cause no read for a waitlisted Luma guest, unless tickets of the guest are recorded', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const reads = () => system.luma.trace.query().calls.filter(({ path }) => path.includes('/guests/get')).length
    const before = reads()
    const deliver = async (guest: string, status: string) => {
      const data = { id: guest, approval_status: status, event_tickets: [], event: { id: listings.luma } }
      expect((await lumaDelivery({ type: 'guest.updated', data })).status).toBe(202)
    }
    for (let n = 0; n < 5; n++) await deliver(`gst-waits${n}`, n % 2 === 0 ? 'waitlist' : 'pending_approval')
    const { guestId } = system.luma.control.register({ eventId: listings.luma, email: 'in@example.com', quantity: 2 })
    await deliver(guestId ?? '', 'approved')
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ LUMA: 2 }))
    expect(reads() - before).toBe(1)
    // The payload is not trusted: the recorded order is read.
    await deliver(guestId ?? '', 'waitlist')
    await until(() => expect(reads() - before).toBe(2))
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 2 })
  })

  it('of a sale count although the list that they cause to be read is empty', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const lists = () => system.luma.trace.query().calls.filter(({ path }) => path.includes('/guests/list')).length
    const { guestId } = system.luma.control.register({ eventId: listings.luma, email: 'in@example.com', quantity: 2 })
    const { type, data } = guestOf(listings.luma, guestId ?? '')
    const delivery = { type, data: { ...data, registered_at: new Date().toISOString() } }
    system.luma.knobs.patch({ emptyPage: 1 })
    try {
      const before = lists()
      expect((await lumaDelivery(delivery)).status).toBe(202)
      await until(async () => expect(await soldBy(system, id)).toMatchObject({ LUMA: 2 }))
      // What else the list did not show is read again.
      await until(() => expect(lists() - before).toBe(2))
    } finally {
      system.luma.knobs.patch({ emptyPage: 0 })
    }
  })

  it('trigger one recheck of the cap when Eventbrite reports a change of the event', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const channel = await system.app.app.get(PrismaService).channel.findFirstOrThrow({
      where: { eventId: id, platform: 'EVENTBRITE' },
    })
    const queue = system.app.app.get<Queue<{ channelId: string }>>(getQueueToken(QUEUES.grow))
    const queued: unknown[] = []
    const add = queue.add.bind(queue)
    queue.add = (async (...job: Parameters<typeof add>) => {
      queued.push([job[1].channelId, job[2]?.deduplication?.id])
      return add(...job)
    }) as typeof queue.add
    const deliver = async (action: string, path: string) => {
      const body = { config: { action, webhook_id: '1' }, api_url: `https://www.eventbriteapi.com/v3${path}` }
      expect((await system.app.call('POST', `//webhooks/eventbrite/${WEBHOOK_TOKEN}`, { body })).status).toBe(202)
    }
    const expected = [channel.id, `${channel.id}:recheck`]
    await deliver('attendee.updated', `/events/${listings.eventbrite}/attendees/1/`)
    await deliver('event.updated', `/events/${listings.eventbrite}/`)
    await until(() => expect(queued).toContainEqual(expected))
    expect(queued.filter((one) => JSON.stringify(one) === JSON.stringify(expected))).toHaveLength(1)
    queue.add = add
  })

  it('are stored without the webhook token of the address', async () => {
    const secret = `https://sync.example.com/webhooks/eventbrite/${WEBHOOK_TOKEN}`
    const body = {
      config: { action: 'event.updated', user_id: '1', endpoint_url: secret, webhook_id: '1' },
      api_url: 'https://www.eventbriteapi.com/v3/events/1999999999999/',
    }
    expect((await system.app.call('POST', `//webhooks/eventbrite/${WEBHOOK_TOKEN}`, { body })).status).toBe(202)
    const delivery = await untilStored('1999999999999', 'UNMATCHED')
    expect(delivery.body).not.toContain(WEBHOOK_TOKEN)
    expect(delivery.body).toContain('[token]')
  })

  it('return 404 for an unknown id, 401 without a token and 400 for an unknown state', async () => {
    expect((await replay('dlv_none')).status).toBe(404)
    expect((await system.app.call('GET', '/webhooks/deliveries')).status).toBe(401)
    expect((await system.app.call('GET', '/webhooks/deliveries?state=LOST', { token: system.token })).status).toBe(400)
  })
})
