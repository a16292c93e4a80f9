import { setTimeout as sleep } from 'node:timers/promises'
import { getQueueToken } from '@nestjs/bullmq'
import type { Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OrderJob } from '../../../src/inbound/route/fetch-jobs.js'
import { QUEUES } from '../../../src/infrastructure/queues/queue-names.js'
import {
  acceptLumaDeliveries,
  deliverFromLuma,
  guestOf,
  ignoredSalesOf,
  unreadOrders,
  untilOrdersAreRead,
} from '../../support/fixtures/luma-deliveries.js'
import { createEventWithoutWebhooks, soldBy, startIdleTestSystem } from '../../support/fixtures/reconcile.js'
import { until, type TestSystem } from '../../support/service/test-system.js'

let system: TestSystem
beforeAll(async () => {
  // At the real limits: shorter windows do not fit responses that take seconds.
  system = await startIdleTestSystem({ pace: 1 })
  acceptLumaDeliveries(system)
})
afterAll(() => system.close())

describe('Sales that only a delivery has shown', () => {
  it('count at once, while lists and reads by their ids are outdated, until these show them', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const sell = (email: string) => {
      const { guestId } = system.luma.control.register({ eventId: listings.luma, email, quantity: 2 })
      const { type, data } = guestOf(listings.luma, guestId ?? '')
      const event_tickets = ['a', 'b'].map((n) => ({ id: `${guestId}-${n}`, event_ticket_type_id: null }))
      return { type, data: { ...data, event_tickets, registered_at: new Date().toISOString() } }
    }
    system.luma.knobs.patch({ listLagMs: 60_000, orderLagMs: 4_000 })
    try {
      for (const email of ['first@example.com', 'second@example.com']) {
        expect((await deliverFromLuma(system, sell(email))).status).toBe(202)
      }
      await until(async () => expect(await soldBy(system, id)).toMatchObject({ LUMA: 4 }))
      expect(await unreadOrders(system, id)).toBe(2)
      await untilOrdersAreRead(system, id)
      expect(await soldBy(system, id)).toMatchObject({ LUMA: 4 })
    } finally {
      system.luma.knobs.patch({ listLagMs: 0, orderLagMs: 0 })
    }
  })

  it('cost no read by their ids when they are reported during a read: the next list shows them', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const queue = system.app.app.get<Queue<OrderJob>>(getQueueToken(QUEUES.reads))
    const sell = async (email: string) => {
      const { guestId } = system.luma.control.register({ eventId: listings.luma, email, quantity: 1 })
      const { type, data } = guestOf(listings.luma, guestId ?? '')
      const delivered = await deliverFromLuma(system, {
        type,
        data: { ...data, registered_at: new Date().toISOString() },
      })
      expect(delivered.status).toBe(202)
    }
    const startedAt = Date.now()
    // Luma lists its guests after half of that.
    system.luma.knobs.patch({ latencyMs: 2_000 })
    try {
      await sell('first@example.com')
      await until(async () => expect(await queue.getActiveCount()).toBeGreaterThan(0))
      await sleep(1_500)
      await sell('second@example.com')
      await untilOrdersAreRead(system, id)
    } finally {
      system.luma.knobs.patch({ latencyMs: 0 })
    }
    expect(await soldBy(system, id)).toMatchObject({ LUMA: 2 })
    const { calls } = system.luma.trace.query({ since: startedAt })
    expect(calls.filter(({ operation }) => operation === 'guests/get')).toEqual([])
  })

  it('stop counting when Luma does not know them 10 s later', async () => {
    const { id, listings } = await createEventWithoutWebhooks(system)
    const ignoredBefore = await ignoredSalesOf(system)
    const { type, data } = guestOf(listings.luma, 'gst-NONE')
    expect(
      (await deliverFromLuma(system, { type, data: { ...data, registered_at: new Date().toISOString() } })).status,
    ).toBe(202)
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ LUMA: 1 }))
    await until(async () => expect(await soldBy(system, id)).toMatchObject({ LUMA: 0 }))
    expect(await ignoredSalesOf(system)).toBe(ignoredBefore + 1)
  })
})
