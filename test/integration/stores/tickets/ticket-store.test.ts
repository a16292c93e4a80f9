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
    const own = { state: 'VALID', transferredTo: null } as const
    expect(await ticketCodes.find(held.id)).toEqual({ ...own, code: held.code, accountId })
    expect(await ticketCodes.find(sold.id)).toEqual({ ...own, code: sold.code, accountId: null })
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
    const ofEvent = { eventId: event.id, eventName: event.name, startsAt: event.startsAt }
    const shown = { ...ofEvent, seat: null, accountId, transferredTo: null, transferredAt: null }
    expect(await ticketCodes.ofAccount({ id: accountId, email: 'ada@example.com' }, undefined, 2)).toEqual([
      { ...third, ...shown, state: 'VALID', createdAt: expect.any(Date) },
      { ...second, ...shown, state: 'CANCELLED', createdAt: expect.any(Date) },
    ])
    expect(await ticketCodes.ofAccount({ id: accountId, email: null }, second?.id, 2)).toMatchObject([
      { id: first?.id },
    ])
    expect(await ticketCodes.ofAccount({ id: 'usr_none', email: 'ada@example.com' }, undefined, 2)).toEqual([])
  })

  it('has a ticket that was given to another person with that person, and its former code as revoked', async () => {
    const event = eventRow()
    await bench.insert('events', event)
    const [accountId, otherId] = [await bench.account(), await bench.account()]
    const [kept, given] = [await soldTicket(event.id), await soldTicket(event.id)]
    for (const { orderId } of [kept, given]) {
      const confirmed = { state: 'CONFIRMED', settledAt: AT, accountId } as const
      await bench.insert('holds', holdRow(event.id, { ...confirmed, orderId }))
    }
    const code = newId('code')
    await bench.change('tickets', { id: given.id }, { code, holderEmail: 'bo@example.com', transferredAt: AT })
    const transfer = { id: newId('trf'), ticketId: given.id, byId: accountId, transferredAt: AT }
    await bench.insert('ticketTransfers', { ...transfer, revokedCode: given.code })
    const { ticketCodes, directOrders } = bench.stores
    const owner = { accountId: null, transferredTo: 'bo@example.com' }
    expect(await ticketCodes.find(given.id)).toEqual({ code, state: 'VALID', ...owner })
    expect(await ticketCodes.findByCode(given.code)).toEqual({ code: given.code, state: 'TRANSFERRED' })
    expect(await ticketCodes.findByCode(code)).toEqual({ code, state: 'VALID' })
    const ofBuyer = await ticketCodes.ofAccount({ id: accountId, email: 'ada@example.com' }, undefined, 5)
    expect(ofBuyer).toMatchObject([
      { id: given.id, ...owner, transferredAt: AT },
      { id: kept.id, accountId, transferredAt: null },
    ])
    const ofHolder = (email: string | null) => ticketCodes.ofAccount({ id: otherId, email }, undefined, 5)
    expect(await ofHolder('bo@example.com')).toEqual([ofBuyer[0]])
    expect(await ofHolder(null)).toEqual([])
    // The buyer is the holder of tickets that were not given to others, which are not for an account by their address.
    expect(await ofHolder('ada@example.com')).toEqual([])
    expect(await directOrders.ticketsOf(given.orderId)).toEqual([])
    const givenOf = ({ orderId }: { orderId: string }) =>
      bench.stores.transactions.run((transaction) => directOrders.givenTickets(transaction, orderId))
    const holder = { email: 'bo@example.com' }
    expect(await givenOf(given)).toMatchObject([{ id: given.id, seat: null, holder }])
    expect(await givenOf(kept)).toEqual([])
    expect(await directOrders.ticketsOf(kept.orderId)).toHaveLength(1)
  })
})
