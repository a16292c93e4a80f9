import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import { NO_DETAILS } from '../../../../src/orders/ticket-details.js'
import { describeStores, eventRow, holdRow } from '../../../support/fixtures/store-bench.js'

describeStores('The seat store', (bench) => {
  const create = (eventId: string, labels: string[]) =>
    bench.stores.transactions.run((transaction) => bench.stores.seats.createChart(transaction, eventId, labels))

  it('creates the seats of a chart in their order', async () => {
    const [event, other] = [eventRow(), eventRow()]
    for (const row of [event, other]) await bench.insert('events', row)
    await create(event.id, ['B-1-2', 'A-1-1'])
    await create(event.id, [])
    await create(other.id, ['A-1-1'])
    expect(await bench.rows('seats', { eventId: event.id })).toEqual([
      { eventId: event.id, seat: 'B-1-2', position: 1 },
      { eventId: event.id, seat: 'A-1-1', position: 2 },
    ])
    await expect(create(event.id, ['C-1-1', 'A-1-1'])).rejects.toThrow()
    expect(await bench.rows('seats', { eventId: event.id })).toHaveLength(2)
  })

  it('lists the seats of a chart with their states, and those that are free', async () => {
    const event = eventRow()
    const now = event.createdAt
    await bench.insert('events', event)
    await create(event.id, ['A-1-3', 'A-1-1', 'A-1-2', 'A-1-4'])
    const order = { id: newId('ord'), eventId: event.id, platform: 'DIRECT', state: 'PLACED', quantity: 1 } as const
    const noBuyer = { buyerName: null, buyerEmail: null, buyerErasedAt: null, channelId: null }
    const unplaced = { externalOrderId: null, placedAt: null, version: '', revision: 0 }
    await bench.insert('orders', { ...order, ...noBuyer, ...unplaced, seenAt: now, updatedAt: now })
    const ticketId = newId('tkt')
    const ofPlatform = { channelId: null, externalTicketId: null, ticketClassId: null, version: null }
    const ticket = { id: ticketId, orderId: order.id, eventId: event.id, platform: 'DIRECT', seat: 'A-1-1' } as const
    const valid = {
      state: 'VALID',
      code: ticketId,
      createdAt: now,
      cancelledAt: null,
      transferredAt: null,
      ignoredCheckInAt: null,
    } as const
    await bench.insert('tickets', { ...NO_DETAILS, ...ticket, ...ofPlatform, ...valid })
    const hold = holdRow(event.id, { quantity: 2, seats: ['A-1-1', 'A-1-2'] })
    await bench.insert('holds', hold)
    await bench.insert('seatClaims', { eventId: event.id, seat: 'A-1-1', holdId: hold.id, ticketId })
    await bench.insert('seatClaims', { eventId: event.id, seat: 'A-1-2', holdId: hold.id, ticketId: null })
    expect(await bench.stores.seats.list(event.id)).toEqual([
      { seat: 'A-1-3', state: 'AVAILABLE' },
      { seat: 'A-1-1', state: 'SOLD' },
      { seat: 'A-1-2', state: 'HELD' },
      { seat: 'A-1-4', state: 'AVAILABLE' },
    ])
    const free = (limit: number) =>
      bench.stores.transactions.run((transaction) => bench.stores.seats.free(transaction, event.id, limit))
    expect(await free(5)).toEqual(['A-1-3', 'A-1-4'])
    expect(await free(1)).toEqual(['A-1-3'])
    expect(await free(0)).toEqual([])
    expect(await bench.stores.seats.list('evt_none')).toEqual([])
  })

  it('has a version per event, which is the end of its proof', async () => {
    const event = eventRow()
    await bench.insert('events', event)
    expect(await bench.stores.seats.version(event.id)).toBeNull()
    const end = { eventId: event.id, epoch: 1, proofPosition: 0, proofHash: null, soldOutSince: null }
    await bench.insert('ledgers', end)
    expect(await bench.stores.seats.version(event.id)).toBe(0)
    await bench.change('ledgers', { eventId: event.id }, { proofPosition: 7 })
    expect(await bench.stores.seats.version(event.id)).toBe(7)
  })
})
