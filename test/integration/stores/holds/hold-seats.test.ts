import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { DatabaseTransaction } from '../../../../src/infrastructure/transaction.js'
import { describeStores, eventRow, holdRow } from '../../../support/fixtures/store-bench.js'

const AT = new Date('2026-11-20T12:30:00.000Z')

describeStores('The seats of holds', (bench) => {
  const run = <T>(work: (transaction: DatabaseTransaction) => Promise<T>) => bench.stores.transactions.run(work)
  const openChart = async () => {
    const event = eventRow()
    await bench.insert('events', event)
    await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    await run((transaction) => bench.stores.seats.createChart(transaction, event.id, ['A-1-1', 'A-1-2', 'A-1-3']))
    return event.id
  }
  const claim = async (eventId: string, seats: string[]) => {
    const hold = holdRow(eventId, { quantity: seats.length, seats })
    await run(async (transaction) => {
      await bench.stores.holds.insert(transaction, [hold])
      await bench.stores.holdSeats.claim(transaction, eventId, [hold])
    })
    return hold
  }
  const availability = async (eventId: string, seats: string[]) =>
    Object.fromEntries(await run((transaction) => bench.stores.holdSeats.availability(transaction, eventId, seats)))

  it('are taken by one hold until they are released', async () => {
    const [eventId, other] = [await openChart(), await openChart()]
    const hold = await claim(eventId, ['A-1-1', 'A-1-2'])
    const seats = ['A-1-1', 'A-1-3', 'B-1-1']
    expect(await availability(eventId, seats)).toEqual({ 'A-1-1': 'TAKEN', 'A-1-3': 'FREE', 'B-1-1': 'UNKNOWN' })
    expect(await availability(other, ['A-1-1'])).toEqual({ 'A-1-1': 'FREE' })
    expect(await availability(eventId, [])).toEqual({})
    await expect(claim(eventId, ['A-1-3', 'A-1-2'])).rejects.toThrow()
    expect(await availability(eventId, ['A-1-3'])).toEqual({ 'A-1-3': 'FREE' })
    await run((transaction) => bench.stores.holdSeats.release(transaction, [hold, holdRow(eventId)]))
    expect(await availability(eventId, ['A-1-1', 'A-1-2'])).toEqual({ 'A-1-1': 'FREE', 'A-1-2': 'FREE' })
  })

  it('are linked to the tickets of the order that the hold becomes', async () => {
    const eventId = await openChart()
    const hold = await claim(eventId, ['A-1-1', 'A-1-2'])
    const waiting = await claim(eventId, ['A-1-3'])
    const tickets = hold.seats.map((seat) => ({ id: newId('tkt'), seat, code: newId('code') }))
    const sale = { id: newId('ord'), buyer: { name: 'Ada', email: null }, tickets }
    await run(async (transaction) => {
      await bench.stores.directOrders.insert(transaction, eventId, [sale], AT)
      await bench.stores.holdSeats.markSold(transaction, [{ id: hold.id, orderId: sale.id }])
      await bench.stores.holdSeats.markSold(transaction, [])
    })
    const claims = await bench.rows('seatClaims', { eventId })
    const owners = (rows: [string, string, string | null][]) => rows.toSorted(([a], [b]) => (a < b ? -1 : 1))
    expect(owners(claims.map(({ seat, holdId, ticketId }) => [seat, holdId, ticketId]))).toEqual(
      owners([
        ...tickets.map(({ id, seat }): [string, string, string] => [seat, hold.id, id]),
        ['A-1-3', waiting.id, null],
      ]),
    )
  })
})
