import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import { describeStores, eventRow, holdRow } from '../../../support/fixtures/store-bench.js'

const AT = new Date('2026-11-20T12:30:00.000Z')

describeStores('The ticket store', (bench) => {
  async function soldTicket(eventId: string) {
    const ticket = { id: newId('tkt'), code: newId('code') }
    const order = { id: newId('ord'), buyer: { name: 'Ada', email: 'ada@example.com' }, tickets: [ticket] }
    await bench.stores.transactions.run((transaction) =>
      bench.stores.directOrders.insert(transaction, eventId, [order], AT),
    )
    return { ...ticket, orderId: order.id }
  }

  it('finds tickets by id with their buyer, and by code', async () => {
    const event = eventRow()
    await bench.insert('events', event)
    const accountId = await bench.account()
    const [held, sold] = [await soldTicket(event.id), await soldTicket(event.id)]
    const confirmed = { state: 'CONFIRMED', settledAt: AT, orderId: held.orderId, accountId } as const
    await bench.insert('holds', holdRow(event.id, confirmed))
    const { ticketCodes } = bench.stores
    expect(await ticketCodes.find(held.id)).toEqual({ code: held.code, state: 'VALID', accountId })
    expect(await ticketCodes.find(sold.id)).toEqual({ code: sold.code, state: 'VALID', accountId: null })
    expect(await ticketCodes.find('tkt_none')).toBeNull()
    await bench.change('tickets', { id: sold.id }, { state: 'CANCELLED' })
    expect(await ticketCodes.findByCode(sold.code)).toEqual({ code: sold.code, state: 'CANCELLED' })
    expect(await ticketCodes.findByCode('none')).toBeNull()
  })

  it('lists the tickets of the account that has bought them, newest first', async () => {
    const event = eventRow()
    await bench.insert('events', event)
    const [accountId, otherId] = [await bench.account(), await bench.account()]
    const bought = []
    for (const buyer of [accountId, otherId, accountId, accountId, null]) {
      const ticket = await soldTicket(event.id)
      const confirmed = { state: 'CONFIRMED', settledAt: AT, orderId: ticket.orderId } as const
      if (buyer !== null) await bench.insert('holds', holdRow(event.id, { ...confirmed, accountId: buyer }))
      if (buyer === accountId) bought.push(ticket)
    }
    const [first, second, third] = bought
    await bench.change('tickets', { id: second?.id ?? '' }, { state: 'CANCELLED' })
    const { ticketCodes } = bench.stores
    const shown = { eventId: event.id, eventName: event.name, startsAt: event.startsAt, seat: null }
    expect(await ticketCodes.boughtBy(accountId, undefined, 2)).toEqual([
      { ...third, ...shown, state: 'VALID', createdAt: expect.any(Date) },
      { ...second, ...shown, state: 'CANCELLED', createdAt: expect.any(Date) },
    ])
    expect(await ticketCodes.boughtBy(accountId, second?.id, 2)).toMatchObject([{ id: first?.id }])
    expect(await ticketCodes.boughtBy('usr_none', undefined, 2)).toEqual([])
  })
})
