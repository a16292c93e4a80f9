import { afterEach, describe, expect, it } from 'vitest'
import { startTestBench, type TestBench } from './test-client.js'

let bench: TestBench

afterEach(() => bench.close())

describe('a cart', () => {
  it('holds its tickets as pending until its time is up', async () => {
    bench = await startTestBench()
    const { id, classes } = bench.control.createEvent({ capacity: 5, txTimeLimitSeconds: 480 })
    const { cartId } = bench.control.openCart({ eventId: id, quantity: 5 })
    expect(bench.control.buy({ eventId: id, quantity: 1 })).toMatchObject({ orderId: null, reason: 'SOLD_OUT' })
    const tier = await bench.call('GET', `/events/${id}/capacity_tier/`)
    expect(tier.body).toMatchObject({ capacity_sold: 0, capacity_pending: 5, capacity_total: 5 })
    const own = await bench.call('GET', `/events/${id}/ticket_classes/${classes[0]?.id}/`)
    expect(own.body).toMatchObject({ quantity_sold: 0, on_sale_status: 'SOLD_OUT' })
    const event = await bench.call('GET', `/events/${id}/?expand=event_sales_status`)
    expect(event.body.event_sales_status).toMatchObject({ sales_status: 'unavailable' })
    bench.advance(479_000)
    expect(bench.control.truth(id).pending).toBe(5)
    bench.advance(2_000)
    expect(bench.control.truth(id)).toMatchObject({ pending: 0, sold: 0 })
    expect(() => bench.control.completeCart(cartId ?? '')).toThrow('404')
    expect((await bench.call('GET', `/orders/${cartId}/`)).body.status).toBe('abandoned')
    expect(bench.control.buy({ eventId: id, quantity: 5 }).orderId).not.toBeNull()
  })

  it('over HTTP: opened, completed, abandoned', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent({ capacity: 10 })
    const open = async () => (await bench.ask('POST', `/events/${id}/carts`, { quantity: 2 })).body.cartId as string
    const [first, second] = [await open(), await open()]
    expect((await bench.ask('POST', `/carts/${first}/complete`)).body.orderId).toBe(first)
    expect((await bench.ask('POST', `/carts/${second}/abandon`)).status).toBe(200)
    expect((await bench.ask('POST', `/carts/${second}/abandon`)).status).toBe(404)
    expect((await bench.ask('GET', `/events/${id}/truth`)).body).toMatchObject({ sold: 2, pending: 0 })
  })

  it('kept open by the knob takes stock beside the buyers', async () => {
    bench = await startTestBench({ knobs: { cartHold: 3 } })
    const { id } = bench.control.createEvent({ capacity: 10 })
    expect(bench.control.buy({ eventId: id, quantity: 8 }).orderId).toBeNull()
    expect(bench.control.buy({ eventId: id, quantity: 7 }).orderId).not.toBeNull()
    expect(bench.control.truth(id)).toMatchObject({ sold: 7, pending: 3 })
    bench.advance(481_000)
    const { sold, pending } = bench.control.truth(id)
    expect(pending).toBe(0)
    expect(sold).toBeGreaterThanOrEqual(7)
    expect(sold).toBeLessThanOrEqual(10)
  })
})

describe('a freed ticket', () => {
  it.each([
    ['off', 0, 1],
    ['offer', 1, 0],
  ] as const)('with promotion %s', async (promotion, pending, free) => {
    bench = await startTestBench({ toggles: { waitlistPromotion: promotion } })
    const { id } = bench.control.createEvent({ capacity: 1 })
    const { orderId } = bench.control.buy({ eventId: id, quantity: 1 })
    bench.control.joinWaitlist(id, { name: 'Wanda Example', email: 'wanda@example.com' })
    expect(bench.control.refund(orderId ?? '')).toBe(1)
    expect(bench.control.truth(id)).toMatchObject({ sold: 0, pending })
    expect(bench.control.buy({ eventId: id, quantity: 1 }).orderId === null).toBe(free === 0)
    if (promotion === 'off') return
    const [offer] = bench.control.carts(id)
    expect(bench.control.waitlist(id)).toMatchObject([{ state: 'OFFERED' }])
    bench.control.completeCart(offer?.id ?? '')
    expect(bench.control.truth(id)).toMatchObject({ sold: 1, pending: 0 })
  })

  it('goes back on sale under the same cap, once', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent({ capacity: 2 })
    const { orderId, attendeeIds } = bench.control.buy({ eventId: id, quantity: 2 }) as {
      orderId: string
      attendeeIds: string[]
    }
    expect(
      (await bench.ask('POST', `/orders/${orderId}/cancel`, { attendeeIds: attendeeIds.slice(0, 1) })).body.freed,
    ).toBe(1)
    expect((await bench.ask('POST', `/orders/${orderId}/refund`, {})).body.freed).toBe(1)
    expect((await bench.ask('POST', `/orders/${orderId}/refund`, {})).body.freed).toBe(0)
    expect(bench.control.truth(id).sold).toBe(0)
    const { body } = await bench.call('GET', `/orders/${orderId}/?expand=attendees`)
    expect(body.attendees).toMatchObject([
      { cancelled: true, refunded: false, status: 'Not Attending', barcodes: [{ status: 'refunded' }] },
      { cancelled: true, refunded: true, status: 'Not Attending', barcodes: [{ status: 'refunded' }] },
    ])
  })

  it('is not freed by a refund of money only', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent({ capacity: 1 })
    const { orderId } = bench.control.buy({ eventId: id, quantity: 1 })
    expect((await bench.ask('POST', `/orders/${orderId}/refund`, { moneyOnly: true })).body.freed).toBe(0)
    expect(bench.control.truth(id).sold).toBe(1)
    expect(bench.control.attendees(orderId ?? '')).toMatchObject([{ cancelled: false, refunded: true }])
  })
})
