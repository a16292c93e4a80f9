import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../kit/index.js'
import { CapGuard, CapViolation } from './cap-guard.js'
import { startTestBench, type TestBench } from './test-client.js'

let bench: TestBench

afterEach(() => bench.close())

/** Every entry of the trace in which more was taken than the cap of that moment. */
function excesses(eventId: string): number {
  return bench.trace.query({ eventId }).caps.filter(({ cap, sold, pending }) => cap !== null && sold + pending > cap)
    .length
}

describe('caps', () => {
  it('are never exceeded by 200 buyers at once, and nothing is left unsold', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent({ capacity: 150 })
    const random = seededRandom(7)
    const wants = Array.from({ length: 200 }, () => random.integer(1, 4))
    const buy = (quantity: number) => bench.ask('POST', `/events/${id}/buy`, { quantity })
    const sales = await Promise.all(wants.map((quantity) => buy(quantity)))
    await Promise.all(Array.from({ length: 4 }, () => buy(1)))
    const bought = sales.filter(({ body }) => body.orderId !== null)
    expect(bought.length).toBeGreaterThan(40)
    expect(bench.control.truth(id)).toMatchObject({ sold: 150, pending: 0, capacity: 150, violations: [] })
    expect(sales.filter(({ body }) => body.reason === 'SOLD_OUT').length).toBe(200 - bought.length)
    expect(excesses(id)).toBe(0)
  })

  it('hold while buyers, carts and cap changes race each other', async () => {
    bench = await startTestBench()
    const { id } = bench.control.createEvent({ capacity: 400, capacityTotal: 300 })
    const random = seededRandom(11)
    const work = Array.from({ length: 300 }, (_, i) => {
      if (i % 10 === 0) {
        const json = { capacity_tier: { capacity_total: random.integer(60, 320) } }
        return bench.call('POST', `/events/${id}/capacity_tier/`, { json })
      }
      return bench.ask('POST', `/events/${id}/${i % 3 === 0 ? 'carts' : 'buy'}`, { quantity: random.integer(1, 5) })
    })
    const replies = await Promise.all(work)
    expect(replies.every(({ status }) => status === 200 || status === 400)).toBe(true)
    expect(bench.control.truth(id).violations).toEqual([])
    expect(excesses(id)).toBe(0)
  })

  it('count class, tier and the whole event, less what is reserved', async () => {
    bench = await startTestBench()
    const { id, classes } = bench.control.createEvent({
      capacityTotal: 12,
      tiers: [{ quantityTotal: 9 }],
      classes: [{ capacity: 5, tier: 0 }, { capacity: null, tier: 0 }, { capacity: 50 }],
    })
    const [first, second, third] = classes.map((one) => one.id)
    const sold = (ticketClassId: string | undefined, quantity: number) =>
      bench.control.buy({ eventId: id, ticketClassId, quantity }).orderId !== null
    expect(sold(first, 6)).toBe(false)
    expect(sold(first, 5)).toBe(true)
    expect(sold(second, 5)).toBe(false)
    expect(sold(second, 4)).toBe(true)
    expect(sold(third, 4)).toBe(false)
    expect(sold(third, 3)).toBe(true)
    expect(bench.control.truth(id)).toMatchObject({ sold: 12, salesStatus: 'sold_out' })
  })

  it('are watched: a violation planted in the state is found', async () => {
    bench = await startTestBench()
    const guard = new CapGuard()
    const event = bench.control.createEvent({ capacity: 2 })
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

describe('a shrink', () => {
  it.each([
    ['no', 6],
    ['yes', 0],
  ] as const)('evicts carts: %s', async (evicts, pending) => {
    bench = await startTestBench({ toggles: { evictCartsOnShrink: evicts } })
    const { id, classes } = bench.control.createEvent({ capacity: 20 })
    bench.control.buy({ eventId: id, quantity: 4 })
    const { cartId } = bench.control.openCart({ eventId: id, quantity: 6 })
    const path = `/events/${id}/ticket_classes/${classes[0]?.id}/`
    expect((await bench.call('POST', path, { json: { ticket_class: { capacity: 5 } } })).status).toBe(200)
    expect(bench.control.truth(id)).toMatchObject({ sold: 4, pending })
    if (evicts === 'no') {
      bench.control.completeCart(cartId ?? '')
      expect(bench.control.truth(id)).toMatchObject({ sold: 10, violations: [] })
    }
    expect(bench.control.buy({ eventId: id, quantity: 2 }).orderId).toBeNull()
  })

  it.each([
    ['reject', 400],
    ['accept', 200],
  ] as const)('below what is sold: %s', async (below, status) => {
    bench = await startTestBench({ toggles: { capacityBelowSold: below } })
    const { id, classes } = bench.control.createEvent({ capacity: 20 })
    bench.control.buy({ eventId: id, quantity: 4 })
    const path = `/events/${id}/ticket_classes/${classes[0]?.id}/`
    const reply = await bench.call('POST', path, { json: { ticket_class: { capacity: 3 } } })
    expect(reply.status).toBe(status)
    expect(bench.control.truth(id).classes[0]?.capacity).toBe(below === 'accept' ? 3 : 20)
  })

  it.each([
    ['reject', 400, 20],
    ['sold-out', 200, 0],
    ['unlimited', 200, null],
  ] as const)('to a total of 0: %s', async (zero, status, capacity) => {
    bench = await startTestBench({ toggles: { capacityTotalZero: zero } })
    const { id } = bench.control.createEvent({ classes: [{ capacity: null, donation: true }], capacityTotal: 20 })
    const json = { capacity_tier: { capacity_total: 0 } }
    expect((await bench.call('POST', `/events/${id}/capacity_tier/`, { json })).status).toBe(status)
    expect(bench.control.truth(id).capacity).toBe(capacity)
    expect(bench.control.buy({ eventId: id, quantity: 1 }).orderId === null).toBe(zero === 'sold-out')
  })
})
