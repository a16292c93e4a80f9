import { expect, it } from 'vitest'
import { NEVER_READ } from '../../../../src/domain/orders/order-snapshot.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import { orderKey, ticketKey, type OrderRow, type TicketRow } from '../../../../src/orders/order-store.js'
import { NO_DETAILS } from '../../../../src/orders/ticket-details.js'
import { channelRow, describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

describeStores('The order store', (bench) => {
  const openChannel = async () => {
    const event = eventRow()
    const channel = channelRow(event.id)
    await bench.insert('events', event)
    await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    await bench.insert('channels', channel)
    return channel
  }
  const order = (channelId: string, externalOrderId: string, change: Partial<OrderRow> = {}): OrderRow => ({
    id: newId('ord'),
    channelId,
    platform: 'EVENTBRITE',
    externalOrderId,
    state: 'PLACED',
    quantity: 1,
    version: '2026-11-20T10:00:00.000Z',
    listedVersion: null,
    revision: 1,
    buyerName: 'Ada',
    buyerEmail: 'ada@example.com',
    buyerErasedAt: null,
    placedAt: new Date('2026-11-20T09:59:00.000Z'),
    tickets: new Map(),
    ...change,
  })
  const ticket = ({ channelId, platform, id: orderId }: OrderRow, externalTicketId: string): TicketRow => {
    const fixed = { id: newId('tkt'), channelId, platform, orderId, externalTicketId, ticketClassId: 'general' }
    return { ...fixed, ...NO_DETAILS, state: 'VALID', cancelledAt: null, version: '2026-11-20T10:00:00.000Z' }
  }
  const write = (eventId: string, orders: OrderRow[], tickets: TicketRow[] = []) =>
    bench.stores.ledger.locked(eventId, (transaction) =>
      bench.stores.orders.write(transaction, eventId, orders, tickets),
    )

  it('reads orders by channel and id with all of their tickets', async () => {
    const { id: channelId, eventId } = await openChannel()
    const placed = order(channelId, 'o1', { quantity: 2 })
    const tickets = [ticket(placed, 't1'), { ...ticket(placed, 't2'), state: 'CANCELLED' as const }]
    await write(eventId, [placed, order(channelId, 'o2')], tickets)
    const keys = ['o1', 'unknown'].map((externalOrderId) => ({ channelId, externalOrderId }))
    const rows = await bench.stores.orders.readOrders(null, eventId, keys)
    expect([...rows.orders.keys()]).toEqual([orderKey(channelId, 'o1')])
    const live = new Map([
      ['t1', true],
      ['t2', false],
    ])
    expect(rows.orders.get(orderKey(channelId, 'o1'))).toMatchObject({ ...placed, tickets: live })
    expect(rows.tickets.get(ticketKey(channelId, 't2'))).toMatchObject({ ...tickets[1] })
    expect((await bench.stores.orders.readOrders(null, eventId, [])).orders.size).toBe(0)
  })

  it('keeps orders of different channels and events apart', async () => {
    const [one, two] = [await openChannel(), await openChannel()]
    await write(one.eventId, [order(one.id, 'o1', { quantity: 3 })])
    await write(two.eventId, [order(two.id, 'o1', { quantity: 5 })])
    const key = { channelId: one.id, externalOrderId: 'o1' }
    const { orders } = await bench.stores.orders.readOrders(null, one.eventId, [key])
    expect([...orders.values()].map(({ quantity }) => quantity)).toEqual([3])
    expect((await bench.stores.orders.readOrders(null, two.eventId, [key])).orders.size).toBe(0)
  })

  it('updates a known order and keeps its id', async () => {
    const { id: channelId, eventId } = await openChannel()
    const placed = order(channelId, 'o1')
    await write(eventId, [placed])
    const change = { state: 'CANCELLED', quantity: 0, revision: 2, buyerName: null, placedAt: null } as const
    await write(eventId, [{ ...placed, ...change, id: newId('ord') }])
    const [row] = await bench.rows('orders', { eventId })
    expect(row).toMatchObject({ ...change, id: placed.id, buyerEmail: 'ada@example.com' })
  })

  it('keeps the buyer of an order erased, and everything else up to date', async () => {
    const { id: channelId, eventId } = await openChannel()
    const [erased, other] = [order(channelId, 'o1'), order(channelId, 'o2')]
    await write(eventId, [erased, other])
    const buyerErasedAt = new Date('2026-11-20T11:00:00.000Z')
    await bench.change('orders', { id: erased.id }, { buyerName: null, buyerEmail: null, buyerErasedAt })
    // Read before the erasure, and written after it.
    await write(eventId, [
      { ...erased, quantity: 3 },
      { ...other, quantity: 4 },
    ])
    const keys = ['o1', 'o2'].map((externalOrderId) => ({ channelId, externalOrderId }))
    const { orders } = await bench.stores.orders.readOrders(null, eventId, keys)
    const noBuyer = { buyerName: null, buyerEmail: null, buyerErasedAt }
    expect(orders.get(orderKey(channelId, 'o1'))).toMatchObject({ quantity: 3, ...noBuyer })
    const ada = { buyerName: 'Ada', buyerEmail: 'ada@example.com', buyerErasedAt: null }
    expect(orders.get(orderKey(channelId, 'o2'))).toMatchObject({ quantity: 4, ...ada })
  })

  const DETAILS = {
    holderName: 'Ada Łukasz',
    holderEmail: 'ada@example.com',
    holderErasedAt: null,
    ticketType: 'Standard',
    externalCode: '7001',
    externalCheckedInAt: new Date('2026-11-20T18:00:00.123Z'),
  }

  it('reads what it wrote about a ticket for the door, and changes it', async () => {
    const { id: channelId, eventId } = await openChannel()
    const placed = order(channelId, 'o1')
    const written = { ...ticket(placed, 't1'), ...DETAILS }
    await write(eventId, [placed], [written, ticket(placed, 't2')])
    const read = async () => {
      const keys = [{ channelId, externalOrderId: 'o1' }]
      return (await bench.stores.orders.readOrders(null, eventId, keys)).tickets
    }
    expect((await read()).get(ticketKey(channelId, 't1'))).toEqual(written)
    expect((await read()).get(ticketKey(channelId, 't2'))).toMatchObject(NO_DETAILS)
    const changed = { ...written, holderName: 'Bo', externalCheckedInAt: null }
    await write(eventId, [], [changed])
    expect((await read()).get(ticketKey(channelId, 't1'))).toEqual(changed)
  })

  it('keeps the holder of a ticket erased, and everything else up to date', async () => {
    const { id: channelId, eventId } = await openChannel()
    const placed = order(channelId, 'o1')
    const written = { ...ticket(placed, 't1'), ...DETAILS }
    await write(eventId, [placed], [written])
    const erased = { holderName: null, holderEmail: null, holderErasedAt: new Date('2026-11-20T19:00:00.000Z') }
    await bench.change('tickets', { id: written.id }, erased)
    await write(eventId, [], [{ ...written, ticketType: 'VIP' }])
    expect(await bench.rows('tickets', { eventId })).toMatchObject([{ ...DETAILS, ...erased, ticketType: 'VIP' }])
  })

  it('moves a ticket to another order', async () => {
    const { id: channelId, eventId } = await openChannel()
    const [from, to] = [order(channelId, 'o1'), order(channelId, 'o2')]
    const moving = ticket(from, 't1')
    await write(eventId, [from, to], [moving])
    await write(eventId, [], [{ ...moving, id: newId('tkt'), orderId: to.id, version: null }])
    const rows = await bench.rows('tickets', { eventId })
    expect(rows).toMatchObject([{ id: moving.id, orderId: to.id, version: null }])
  })

  it('reads the orders that hold given tickets too, each once', async () => {
    const { id: channelId, eventId } = await openChannel()
    const [one, two, three] = [order(channelId, 'o1'), order(channelId, 'o2'), order(channelId, 'o3')]
    await write(
      eventId,
      [one, two, three],
      [ticket(one, 't1'), ticket(one, 't2'), ticket(two, 't3'), ticket(three, 't4')],
    )
    const read = (externalOrderIds: string[], externalTicketIds: string[]) =>
      bench.stores.ledger.locked(eventId, (transaction) =>
        bench.stores.orders.readOrders(
          transaction,
          eventId,
          externalOrderIds.map((externalOrderId) => ({ channelId, externalOrderId })),
          externalTicketIds.map((externalTicketId) => ({ channelId, externalTicketId })),
        ),
      )
    const found = await read([], ['t1', 'unknown'])
    expect([...found.orders.keys()]).toEqual([orderKey(channelId, 'o1')])
    expect([...found.tickets.keys()].toSorted()).toEqual([ticketKey(channelId, 't1'), ticketKey(channelId, 't2')])
    const both = await read(['o1', 'o2'], ['t2', 't4'])
    const keys = ['o1', 'o2', 'o3'].map((externalOrderId) => orderKey(channelId, externalOrderId))
    expect([...both.orders.keys()].toSorted()).toEqual(keys)
    expect([...both.tickets.values()].map(({ orderId }) => orderId).toSorted()).toEqual(
      [one.id, one.id, two.id, three.id].toSorted(),
    )
  })

  it('reads orders with the version of the last full list of their channel', async () => {
    const [listed, other] = [await openChannel(), await openChannel()]
    await write(listed.eventId, [order(listed.id, 'o1')])
    await write(other.eventId, [order(other.id, 'o1')])
    const listedVersion = '2026-11-20T11:00:00.000Z'
    await bench.stores.channels.update(null, listed.id, { listedVersion })
    const read = async ({ id: channelId, eventId }: typeof listed) => {
      const { orders } = await bench.stores.orders.readOrders(null, eventId, [{ channelId, externalOrderId: 'o1' }])
      return [...orders.values()].map((row) => row.listedVersion)
    }
    expect(await read(listed)).toEqual([listedVersion])
    expect(await read(other)).toEqual([null])
  })

  it('finds the newest placed order that is small enough', async () => {
    const { id: channelId, eventId } = await openChannel()
    const other = await openChannel()
    const at = (minutes: number) => ({ placedAt: new Date(Date.UTC(2026, 10, 20, 9, minutes)) })
    await write(other.eventId, [order(other.id, 'theirs', at(59))])
    await write(eventId, [
      order(channelId, 'undated-1', { id: `ord_1-${channelId}`, placedAt: null }),
      order(channelId, 'undated-2', { id: `ord_2-${channelId}`, placedAt: null }),
      order(channelId, 'old', { id: `ord_3-${channelId}`, ...at(1) }),
      order(channelId, 'same-2', { id: `ord_5-${channelId}`, ...at(2) }),
      order(channelId, 'same-1', { id: `ord_4-${channelId}`, ...at(2) }),
      order(channelId, 'large', { quantity: 3, ...at(8) }),
      order(channelId, 'cancelled', { state: 'CANCELLED', ...at(9) }),
    ])
    const found: string[] = []
    const next = (maxQuantity: number) => bench.stores.orders.newestPlaced(channelId, { maxQuantity, except: found })
    expect(await next(3)).toBe('large')
    for (let id = await next(2); id !== null; id = await next(2)) found.push(id)
    expect(found).toEqual(['same-2', 'same-1', 'old', 'undated-2', 'undated-1'])
    expect(await bench.stores.orders.newestPlaced('chn_unknown', { maxQuantity: 9, except: [] })).toBeNull()
  })

  it('returns the newest live tickets of a channel with their orders', async () => {
    const { id: channelId, eventId } = await openChannel()
    const [first, second] = [order(channelId, 'first'), order(channelId, 'second')]
    const placed = [ticket(first, 't1'), ticket(first, 't2'), ticket(second, 't3')]
    const tickets = [...placed, { ...ticket(second, 't4'), state: 'CANCELLED' as const }]
    await write(
      eventId,
      [first, second],
      tickets.map((row, index) => ({ ...row, id: `tkt_${index}-${channelId}` })),
    )
    const newest = (limit: number) =>
      bench.stores.ledger.locked(eventId, (transaction) =>
        bench.stores.orders.newestTickets(transaction, channelId, limit),
      )
    expect(await newest(2)).toEqual([
      { externalOrderId: 'second', externalTicketId: 't3' },
      { externalOrderId: 'first', externalTicketId: 't2' },
    ])
    expect(await newest(9)).toHaveLength(3)
  })

  it('finds the listings under which an order is recorded, each once', async () => {
    const [one, two] = [await openChannel(), await openChannel()]
    const { id: sibling } = channelRow(one.eventId)
    const ofSameListing = channelRow(one.eventId, { id: sibling, externalEventId: one.externalEventId })
    await bench.insert('channels', { ...ofSameListing, externalTicketClassId: 'vip', detachedAt: new Date() })
    const externalOrderId = newId('ext')
    await write(one.eventId, [order(one.id, externalOrderId), order(sibling, externalOrderId)])
    await write(two.eventId, [order(two.id, externalOrderId), order(two.id, newId('ext'))])
    const found = await bench.stores.orders.listingsOf('EVENTBRITE', externalOrderId)
    expect(found.toSorted()).toEqual([one.externalEventId, two.externalEventId].toSorted())
    expect(await bench.stores.orders.listingsOf('LUMA', externalOrderId)).toEqual([])
    expect(await bench.stores.orders.listingsOf('EVENTBRITE', newId('ext'))).toEqual([])
  })

  it('knows the state of an order in several channels', async () => {
    const [one, two] = [await openChannel(), await openChannel()]
    await write(one.eventId, [order(one.id, 'cancelled', { state: 'CANCELLED' })])
    await write(one.eventId, [order(one.id, 'placed', { state: 'CANCELLED' })])
    await write(two.eventId, [order(two.id, 'placed')])
    const { orders } = bench.stores
    expect(await orders.stateOf('cancelled', [two.id, one.id])).toBe('CANCELLED')
    expect(await orders.stateOf('cancelled', [two.id])).toBeNull()
    expect(await orders.stateOf('placed', [one.id])).toBe('CANCELLED')
    expect(await orders.stateOf('placed', [one.id, two.id])).toBe('PLACED')
    expect(await orders.stateOf('unknown', [one.id])).toBeNull()
    expect(await orders.stateOf('cancelled', [])).toBeNull()
  })

  it('finds placed orders of a channel that nothing read has shown, oldest first', async () => {
    const [one, two] = [await openChannel(), await openChannel()]
    const unread = async (channel: typeof one, id: string, seenAt: string, change: Partial<OrderRow> = {}) => {
      const { tickets: _, listedVersion: _listed, ...row } = order(channel.id, id, { version: NEVER_READ, ...change })
      const instant = new Date(seenAt)
      await bench.insert('orders', { ...row, eventId: channel.eventId, seenAt: instant, updatedAt: instant })
    }
    await unread(one, 'later', '2026-11-20T12:00:02.000Z')
    await unread(one, 'earlier', '2026-11-20T12:00:01.000Z')
    await unread(one, 'cancelled', '2026-11-20T12:00:00.000Z', { state: 'CANCELLED' })
    await unread(one, 'read', '2026-11-20T12:00:00.000Z', { version: '2026-11-20T12:00:00.000Z' })
    await unread(two, 'elsewhere', '2026-11-20T12:00:00.000Z')
    await unread(one, 'since then', '2026-11-20T12:00:03.000Z')
    const before = new Date('2026-11-20T12:00:03.000Z')
    const { orders } = bench.stores
    expect(await orders.neverRead(one.id, before, 9)).toEqual([
      { orderId: 'earlier', seenAt: new Date('2026-11-20T12:00:01.000Z') },
      { orderId: 'later', seenAt: new Date('2026-11-20T12:00:02.000Z') },
    ])
    expect(await orders.neverRead(one.id, before, 1)).toHaveLength(1)
    expect(await orders.neverRead('chn_unknown', before, 9)).toEqual([])
  })

  it('knows when the latest order of a channel was first seen', async () => {
    const [one, two] = [await openChannel(), await openChannel()]
    expect(await bench.stores.orders.lastSeenAt(one.eventId, one.id)).toBeNull()
    const seen = async (externalOrderId: string, seenAt: string) => {
      const { tickets: _, listedVersion: _listed, ...row } = order(one.id, externalOrderId)
      const instant = new Date(seenAt)
      await bench.insert('orders', { ...row, eventId: one.eventId, seenAt: instant, updatedAt: instant })
    }
    await seen('later', '2026-11-20T11:00:00.000Z')
    await seen('earlier', '2026-11-20T10:00:00.000Z')
    expect(await bench.stores.orders.lastSeenAt(one.eventId, one.id)).toEqual(new Date('2026-11-20T11:00:00.000Z'))
    expect(await bench.stores.orders.lastSeenAt(two.eventId, one.id)).toBeNull()
    expect(await bench.stores.orders.lastSeenAt(two.eventId, two.id)).toBeNull()
  })
})
