import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../kit/index.js'
import { CapGuard, CapViolation } from './capacity.js'
import { startTestHarness, type TestHarness } from '../harness.test-support.js'

let harness: TestHarness

afterEach(() => harness.close())

/** Number of trace entries in which more was taken than the cap of that instant. */
function excesses(eventId: string): number {
  return harness.trace.query({ eventId }).caps.filter(({ cap, sold, pending }) => cap !== null && sold + pending > cap)
    .length
}

describe('the caps of the simulated Eventbrite', () => {
  it('are reached but never exceeded by 200 concurrent buyers', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent({ capacity: 150 })
    const random = seededRandom(7)
    const quantities = Array.from({ length: 200 }, () => random.integer(1, 4))
    const buy = (quantity: number) => harness.callControl('POST', `/events/${id}/buy`, { quantity })
    const sales = await Promise.all(quantities.map((quantity) => buy(quantity)))
    await Promise.all(Array.from({ length: 4 }, () => buy(1)))
    const bought = sales.filter(({ body }) => body.orderId !== null)
    expect(bought.length).toBeGreaterThan(40)
    expect(harness.control.truth(id)).toMatchObject({ sold: 150, pending: 0, capacity: 150, violations: [] })
    expect(sales.filter(({ body }) => body.reason === 'SOLD_OUT').length).toBe(200 - bought.length)
    expect(excesses(id)).toBe(0)
  })

  it('are not exceeded while buyers, carts and cap changes race', async () => {
    harness = await startTestHarness()
    const { id } = harness.control.createEvent({ capacity: 400, capacityTotal: 300 })
    const random = seededRandom(11)
    const work = Array.from({ length: 300 }, (_, i) => {
      if (i % 10 === 0) {
        const json = { capacity_tier: { capacity_total: random.integer(60, 320) } }
        return harness.call('POST', `/events/${id}/capacity_tier/`, { json })
      }
      return harness.callControl('POST', `/events/${id}/${i % 3 === 0 ? 'carts' : 'buy'}`, {
        quantity: random.integer(1, 5),
      })
    })
    const responses = await Promise.all(work)
    expect(responses.every(({ status }) => status === 200 || status === 400)).toBe(true)
    expect(harness.control.truth(id).violations).toEqual([])
    expect(excesses(id)).toBe(0)
  })

  it('limit the class, the tier and the whole event', async () => {
    harness = await startTestHarness()
    const { id, classes } = harness.control.createEvent({
      capacityTotal: 12,
      tiers: [{ quantityTotal: 9 }],
      classes: [{ capacity: 5, tier: 0 }, { capacity: null, tier: 0 }, { capacity: 50 }],
    })
    const [first, second, third] = classes.map(({ id }) => id)
    const sold = (ticketClassId: string | undefined, quantity: number) =>
      harness.control.buy({ eventId: id, ticketClassId, quantity }).orderId !== null
    expect(sold(first, 6)).toBe(false)
    expect(sold(first, 5)).toBe(true)
    expect(sold(second, 5)).toBe(false)
    expect(sold(second, 4)).toBe(true)
    expect(sold(third, 4)).toBe(false)
    expect(sold(third, 3)).toBe(true)
    expect(harness.control.truth(id)).toMatchObject({ sold: 12, salesStatus: 'sold_out' })
  })

  it('are guarded: a violation planted in the state is detected', async () => {
    harness = await startTestHarness()
    const guard = new CapGuard()
    const event = harness.control.createEvent({ capacity: 2 })
    const planted = {
      id: event.id,
      capacityTotal: null,
      holds: [],
      tiers: [],
      classes: [{ id: 'c', capacity: 2, sold: 3, pending: 0, inventoryTierId: null }],
    } as unknown as Parameters<CapGuard['check']>[0]
    expect(() => guard.check(planted, 'planted', false)).toThrow(CapViolation)
    expect(guard.violations).toHaveLength(2 - 1)
    guard.check(planted, 'cap lowered', true)
    guard.check(planted, 'nothing more', false)
    const more = { ...planted, classes: [{ ...planted.classes[0], sold: 4 }] } as typeof planted
    expect(() => guard.check(more, 'one more', false)).toThrow(CapViolation)
  })
})

describe('lowering a cap', () => {
  it.each([
    ['no', 6],
    ['yes', 0],
  ] as const)('keeps or evicts open carts, with evictCartsOnShrink %s', async (evictCartsOnShrink, pending) => {
    harness = await startTestHarness({ toggles: { evictCartsOnShrink } })
    const { id, classes } = harness.control.createEvent({ capacity: 20 })
    harness.control.buy({ eventId: id, quantity: 4 })
    const { cartId } = harness.control.openCart({ eventId: id, quantity: 6 })
    const path = `/events/${id}/ticket_classes/${classes[0]?.id}/`
    expect((await harness.call('POST', path, { json: { ticket_class: { capacity: 5 } } })).status).toBe(200)
    expect(harness.control.truth(id)).toMatchObject({ sold: 4, pending })
    if (evictCartsOnShrink === 'no') {
      harness.control.completeCart(cartId ?? '')
      expect(harness.control.truth(id)).toMatchObject({ sold: 10, violations: [] })
    }
    expect(harness.control.buy({ eventId: id, quantity: 2 }).orderId).toBeNull()
  })

  it.each([
    ['reject', 400],
    ['accept', 200],
  ] as const)(
    'is rejected or accepted below the sold count, with capacityBelowSold %s',
    async (capacityBelowSold, status) => {
      harness = await startTestHarness({ toggles: { capacityBelowSold } })
      const { id, classes } = harness.control.createEvent({ capacity: 20 })
      harness.control.buy({ eventId: id, quantity: 4 })
      const path = `/events/${id}/ticket_classes/${classes[0]?.id}/`
      const response = await harness.call('POST', path, { json: { ticket_class: { capacity: 3 } } })
      expect(response.status).toBe(status)
      expect(harness.control.truth(id).classes[0]?.capacity).toBe(capacityBelowSold === 'accept' ? 3 : 20)
    },
  )

  it.each([
    ['reject', 400, 20],
    ['sold-out', 200, 0],
    ['unlimited', 200, null],
  ] as const)(
    'to 0 is rejected, sells out or removes the limit, with capacityTotalZero %s',
    async (capacityTotalZero, status, capacity) => {
      harness = await startTestHarness({ toggles: { capacityTotalZero } })
      const { id } = harness.control.createEvent({ classes: [{ capacity: null, donation: true }], capacityTotal: 20 })
      const json = { capacity_tier: { capacity_total: 0 } }
      expect((await harness.call('POST', `/events/${id}/capacity_tier/`, { json })).status).toBe(status)
      expect(harness.control.truth(id).capacity).toBe(capacity)
      expect(harness.control.buy({ eventId: id, quantity: 1 }).orderId === null).toBe(capacityTotalZero === 'sold-out')
    },
  )
})
