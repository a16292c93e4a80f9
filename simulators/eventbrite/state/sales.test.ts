import { afterEach, describe, expect, it } from 'vitest'
import { startTestHarness, type TestHarness } from '../harness.test-support.js'

let harness: TestHarness

afterEach(() => harness.close())

describe('a cart', () => {
  it('keeps its tickets pending until it expires', async () => {
    harness = await startTestHarness()
    const { id, classes } = harness.control.createEvent({ capacity: 5, txTimeLimitSeconds: 480 })
    const { cartId } = harness.control.openCart({ eventId: id, quantity: 5 })
    expect(harness.control.buy({ eventId: id, quantity: 1 })).toMatchObject({ orderId: null, reason: 'SOLD_OUT' })
    const tier = await harness.call('GET', `/events/${id}/capacity_tier/`)
    expect(tier.body).toMatchObject({ capacity_sold: 0, capacity_pending: 5, capacity_total: 5 })
    const own = await harness.call('GET', `/events/${id}/ticket_classes/${classes[0]?.id}/`)
    expect(own.body).toMatchObject({ quantity_sold: 0, on_sale_status: 'SOLD_OUT' })
    const event = await harness.call('GET', `/events/${id}/?expand=event_sales_status`)
    expect(event.body.event_sales_status).toMatchObject({ sales_status: 'unavailable' })
    harness.advance(479_000)
    expect(harness.control.truth(id).pending).toBe(5)
    harness.advance(2_000)
    expect(harness.control.truth(id)).toMatchObject({ pending: 0, sold: 0 })
    expect(() => harness.control.completeCart(cartId ?? '')).toThrow('404')
    expect((await harness.call('GET', `/orders/${cartId}/`)).body.status).toBe('abandoned')
    expect(harness.control.buy({ eventId: id, quantity: 5 }).orderId).not.toBeNull()
  })

  it('is opened, completed and abandoned over HTTP', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent({ capacity: 10 })
    const open = async () =>
      (await harness.callControl('POST', `/events/${id}/carts`, { quantity: 2 })).body.cartId as string
    const [first, second] = [await open(), await open()]
    expect((await harness.callControl('POST', `/carts/${first}/complete`)).body.orderId).toBe(first)
    expect((await harness.callControl('POST', `/carts/${second}/abandon`)).status).toBe(200)
    expect((await harness.callControl('POST', `/carts/${second}/abandon`)).status).toBe(404)
    expect((await harness.callControl('GET', `/events/${id}/truth`)).body).toMatchObject({ sold: 2, pending: 0 })
  })

  it('opened by the cartHold knob takes stock in addition to the buyers', async () => {
    harness = await startTestHarness({ knobs: { cartHold: 3 } })
    const { id } = harness.control.createEvent({ capacity: 10 })
    expect(harness.control.buy({ eventId: id, quantity: 8 }).orderId).toBeNull()
    expect(harness.control.buy({ eventId: id, quantity: 7 }).orderId).not.toBeNull()
    expect(harness.control.truth(id)).toMatchObject({ sold: 7, pending: 3 })
    harness.advance(481_000)
    const { sold, pending } = harness.control.truth(id)
    expect(pending).toBe(0)
    expect(sold).toBeGreaterThanOrEqual(7)
    expect(sold).toBeLessThanOrEqual(10)
  })
})

describe('a freed ticket', () => {
  it.each([
    ['off', 0, 1],
    ['offer', 1, 0],
  ] as const)(
    'is back on sale or offered to the waitlist, with waitlistPromotion %s',
    async (waitlistPromotion, pending, free) => {
      harness = await startTestHarness({ toggles: { waitlistPromotion } })
      const { id } = harness.control.createEvent({ capacity: 1 })
      const { orderId } = harness.control.buy({ eventId: id, quantity: 1 })
      harness.control.joinWaitlist(id, { name: 'Wanda Example', email: 'wanda@example.com' })
      expect(harness.control.refund(orderId ?? '')).toBe(1)
      expect(harness.control.truth(id)).toMatchObject({ sold: 0, pending })
      expect(harness.control.buy({ eventId: id, quantity: 1 }).orderId === null).toBe(free === 0)
      if (waitlistPromotion === 'off') return
      const [offer] = harness.control.carts(id)
      expect(harness.control.waitlist(id)).toMatchObject([{ state: 'OFFERED' }])
      harness.control.completeCart(offer?.id ?? '')
      expect(harness.control.truth(id)).toMatchObject({ sold: 1, pending: 0 })
    },
  )

  it('is back on sale under the same cap, once', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent({ capacity: 2 })
    const { orderId, attendeeIds } = harness.control.buy({ eventId: id, quantity: 2 }) as {
      orderId: string
      attendeeIds: string[]
    }
    expect(
      (await harness.callControl('POST', `/orders/${orderId}/cancel`, { attendeeIds: attendeeIds.slice(0, 1) })).body
        .freed,
    ).toBe(1)
    expect((await harness.callControl('POST', `/orders/${orderId}/refund`, {})).body.freed).toBe(1)
    expect((await harness.callControl('POST', `/orders/${orderId}/refund`, {})).body.freed).toBe(0)
    expect(harness.control.truth(id).sold).toBe(0)
    const { body } = await harness.call('GET', `/orders/${orderId}/?expand=attendees`)
    expect(body.attendees).toMatchObject([
      { cancelled: true, refunded: false, status: 'Not Attending', barcodes: [{ status: 'refunded' }] },
      { cancelled: true, refunded: true, status: 'Not Attending', barcodes: [{ status: 'refunded' }] },
    ])
  })

  it('is not freed by a refund that leaves the seat valid', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent({ capacity: 1 })
    const { orderId } = harness.control.buy({ eventId: id, quantity: 1 })
    expect((await harness.callControl('POST', `/orders/${orderId}/refund`, { moneyOnly: true })).body.freed).toBe(0)
    expect(harness.control.truth(id).sold).toBe(1)
    expect(harness.control.attendees(orderId ?? '')).toMatchObject([{ cancelled: false, refunded: true }])
  })
})
