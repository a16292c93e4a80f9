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
})
