import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { NewDirectOrder } from '../../../../src/tickets/direct-order-store.js'
import { describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const AT = new Date('2026-11-20T12:30:00.000Z')

describeStores('The direct order store', (bench) => {
  const openEvent = async () => {
    const event = eventRow()
    await bench.insert('events', event)
    await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    return event.id
  }
  const sale = (...seats: (string | undefined)[]): NewDirectOrder => ({
    id: newId('ord'),
    buyer: { name: 'Ada', email: 'ada@example.com' },
    tickets: seats.map((seat) => ({ id: newId('tkt'), code: newId('code'), ...(seat === undefined ? {} : { seat }) })),
  })
  const insert = (eventId: string, ...orders: NewDirectOrder[]) =>
    bench.stores.transactions.run((transaction) => bench.stores.directOrders.insert(transaction, eventId, orders, AT))

  it('writes orders with valid tickets', async () => {
    const eventId = await openEvent()
    const [one, two] = [sale(undefined, undefined), { ...sale('A-1-1'), buyer: { name: null, email: null } }]
    await insert(eventId, one, two)
    await insert(eventId)
    const own = { platform: 'DIRECT', channelId: null } as const
    const [order] = await bench.rows('orders', { id: one.id })
    expect(order).toMatchObject({
      ...own,
      externalOrderId: null,
      state: 'PLACED',
      quantity: 2,
      buyerName: 'Ada',
      buyerEmail: 'ada@example.com',
      version: AT.toISOString(),
      revision: 0,
      placedAt: AT,
    })
    expect((await bench.rows('orders', { id: two.id }))[0]).toMatchObject({ buyerName: null, quantity: 1 })
    const [ticket] = await bench.rows('tickets', { orderId: two.id })
    expect(ticket).toMatchObject({
      ...two.tickets[0],
      ...own,
      eventId,
      state: 'VALID',
      seat: 'A-1-1',
      cancelledAt: null,
    })
    const byId = one.tickets.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    expect(await bench.stores.directOrders.ticketsOf(one.id)).toEqual(byId)
    expect(await bench.stores.directOrders.ticketsOf(two.id)).toEqual(two.tickets)
    expect(await bench.stores.directOrders.ticketsOf('ord_unknown')).toEqual([])
  })

  it('cancels an order with its tickets', async () => {
    const eventId = await openEvent()
    const [order, other] = [sale('A-1-1', undefined), sale('A-1-2')]
    await insert(eventId, order, other)
    const { directOrders, transactions } = bench.stores
    const { id, buyer } = order
    const read = () => transactions.run((transaction) => directOrders.read(transaction, id))
    expect(await directOrders.find(id)).toEqual({ eventId, platform: 'DIRECT' })
    expect(await directOrders.find('ord_unknown')).toBeNull()
    expect(await read()).toEqual({ id, eventId, state: 'PLACED', quantity: 2, buyer })
    await transactions.run((transaction) => directOrders.cancel(transaction, id, AT))
    expect(await read()).toEqual({ id, eventId, state: 'CANCELLED', quantity: 0, buyer })
    for (const ticket of await bench.rows('tickets', { orderId: id }))
      expect(ticket).toMatchObject({ state: 'CANCELLED', cancelledAt: AT })
    expect(await directOrders.ticketsOf(id)).toEqual([])
    expect(await directOrders.ticketsOf(other.id)).toHaveLength(1)
    await insert(eventId, sale('A-1-1'))
    const unknown = transactions.run((transaction) => directOrders.cancel(transaction, 'ord_unknown', AT))
    await expect(unknown).rejects.toThrow()
  })

  it('gives a seat of an event one valid ticket, and writes nothing otherwise', async () => {
    const [eventId, other] = [await openEvent(), await openEvent()]
    await insert(eventId, sale('A-1-1'))
    await insert(other, sale('A-1-1'))
    await expect(insert(eventId, sale('A-1-2'), sale('A-1-1'))).rejects.toThrow()
    expect(await bench.rows('orders', { eventId })).toHaveLength(1)
    await bench.change('tickets', { eventId }, { state: 'CANCELLED' })
    await insert(eventId, sale('A-1-1'))
  })
})
