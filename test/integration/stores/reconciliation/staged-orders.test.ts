import { expect, it } from 'vitest'
import { NEVER_READ, type OrderSnapshot, type TicketSnapshot } from '../../../../src/domain/orders/order-snapshot.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import { NO_DETAILS } from '../../../../src/orders/ticket-details.js'
import { channelRow, describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const SEEN = new Date('2026-11-20T12:00:00.000Z')
const LATER = new Date(SEEN.getTime() + 1)

const ticket = (ticketId: string, live = true, ticketClassId: string | null = null): TicketSnapshot => {
  return { ticketId, live, ticketClassId }
}
const snapshot = (orderId: string, tickets: TicketSnapshot[], change: Partial<OrderSnapshot> = {}): OrderSnapshot => ({
  orderId,
  externalEventId: 'ext',
  version: '2026-11-20T10:00:00.000Z',
  tickets,
  complete: true,
  buyer: null,
  placedAt: null,
  ...change,
})

describeStores('Staged orders', (bench) => {
  const openChannel = async () => {
    const event = eventRow()
    const channel = channelRow(event.id)
    await bench.insert('events', event)
    await bench.insert('channels', channel)
    return channel
  }
  type Recorded = {
    tickets?: Record<string, 'VALID' | 'CANCELLED'>
    state?: 'PLACED' | 'CANCELLED'
    seenAt?: Date
    version?: string
  }
  const record = async (
    { id: channelId, eventId, platform }: ReturnType<typeof channelRow>,
    externalOrderId: string,
    { tickets = {}, state = 'PLACED', seenAt = SEEN, version = `v-${externalOrderId}` }: Recorded = {},
  ) => {
    const common = { eventId, platform, channelId }
    const order = { id: newId('ord'), ...common, externalOrderId, state, version, seenAt }
    const buyer = { buyerName: null, buyerEmail: null, buyerErasedAt: null, placedAt: null }
    await bench.insert('orders', { ...order, ...buyer, quantity: 0, revision: 1, updatedAt: seenAt })
    for (const [externalTicketId, ticketState] of Object.entries(tickets)) {
      const row = { id: newId('tkt'), orderId: order.id, ...common, externalTicketId, state: ticketState }
      const none = {
        ticketClassId: null,
        seat: null,
        version: null,
        code: null,
        cancelledAt: null,
        transferredAt: null,
        ignoredCheckInAt: null,
      }
      await bench.insert('tickets', { ...NO_DETAILS, ...row, ...none, createdAt: seenAt })
    }
  }
  const batchesOf = async (listing: string) => {
    const batches = []
    for await (const batch of bench.stores.stagedOrders.batches(listing)) batches.push(batch)
    return batches
  }
  const absentFrom = async (listing: string, channel: { id: string }, since = LATER, limit = 10) => {
    const absent = await bench.stores.stagedOrders.findAbsent(listing, channel, since, limit)
    return absent.map(({ ticketIds, ...order }) => ({ ...order, ticketIds: ticketIds.toSorted() }))
  }

  it('returns snapshots as they were added, in the order of their ids', async () => {
    const listing = newId('chn')
    const { stagedOrders } = bench.stores
    const buyer = { name: 'Ada', email: null }
    const full = {
      version: '2026-11-20T11:00:00.000Z',
      versionIsReadTime: true,
      complete: false,
      buyer,
      placedAt: SEEN,
    }
    const details = { holder: buyer, ticketType: 'Standard', code: '7001', checkedInAt: SEEN }
    const known = { ...ticket('t1'), details }
    const [older, newer] = [
      snapshot('o2', [known, { ...known, details: { ...details, checkedInAt: null } }]),
      snapshot('o2', [ticket('t1', false, 'vip')], full),
    ]
    await stagedOrders.add(listing, [])
    await stagedOrders.add(listing, [older, snapshot('o3', [])])
    await stagedOrders.add(listing, [snapshot('o1', []), newer])
    await stagedOrders.add(newId('chn'), [snapshot('o4', [])])
    const [batch, ...others] = await batchesOf(listing)
    expect(others).toEqual([])
    expect([...(batch ?? [])]).toEqual([
      ['o1', [snapshot('o1', [])]],
      ['o2', [older, newer]],
      ['o3', [snapshot('o3', [])]],
    ])
  })

  it('replaces malformed text, except in ids, and drops what a snapshot does not contain', async () => {
    const listing = newId('chn')
    const malformed = { ...snapshot('o1', []), buyer: { name: 'A\u{D800}da', email: null }, extra: 1 }
    await bench.stores.stagedOrders.add(listing, [malformed])
    const [batch] = await batchesOf(listing)
    expect(batch?.get('o1')).toEqual([snapshot('o1', [], { buyer: { name: 'A\uFFFDda', email: null } })])
  })

  it('splits a listing into batches of whole orders, ascending by the bytes of their ids', async () => {
    const listing = newId('chn')
    const ids = [...Array.from({ length: 199 }, (_, index) => `n${index + 1000}`), 'Z', 'a', '\u{FFFD}', '\u{1F3AB}']
    await bench.stores.stagedOrders.add(listing, [...ids, ...ids].map((id) => snapshot(id, [])).toReversed())
    const batches = await batchesOf(listing)
    expect(batches.map(({ size }) => size)).toEqual([200, 3])
    const expected = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(batches.flatMap((batch) => [...batch.keys()])).toEqual(expected)
    expect(new Set(batches.flatMap((batch) => [...batch.values()].map(({ length }) => length)))).toEqual(new Set([2]))
  })

  it('clears one listing, or all', async () => {
    const [one, two] = [newId('chn'), newId('chn')]
    const { stagedOrders } = bench.stores
    await stagedOrders.add(one, [snapshot('o1', [])])
    await stagedOrders.add(two, [snapshot('o1', [])])
    await stagedOrders.clear(one)
    expect(await batchesOf(one)).toEqual([])
    expect(await batchesOf(two)).toHaveLength(1)
    await stagedOrders.clearAll()
    expect(await bench.rows('stagedOrders')).toEqual([])
  })

  it('counts each ticket once, live if any order shows it live', async () => {
    const listing = newId('chn')
    const { stagedOrders } = bench.stores
    expect(await stagedOrders.countTickets(listing)).toEqual({ all: 0, live: 0 })
    await stagedOrders.add(listing, [
      snapshot('o1', [ticket('t1', true, 'vip'), ticket('t2', false, 'vip'), ticket('t3')]),
      snapshot('o2', [ticket('t1', false, 'vip'), ticket('t2', true, 'general'), ticket('t4', false)]),
    ])
    await stagedOrders.add(newId('chn'), [snapshot('o3', [ticket('t9')])])
    expect(await stagedOrders.countTickets(listing)).toEqual({ all: 4, live: 3 })
    expect(await stagedOrders.countTickets(listing, 'vip')).toEqual({ all: 2, live: 1 })
    expect(await stagedOrders.countTickets(listing, 'unknown')).toEqual({ all: 0, live: 0 })
  })

  it('counts the recorded live orders of one channel', async () => {
    const [channel, other] = [await openChannel(), await openChannel()]
    await record(channel, 'o1')
    await record(channel, 'o2')
    await record(channel, 'o3', { state: 'CANCELLED' })
    await record(other, 'o1')
    expect(await bench.stores.stagedOrders.countRecorded(channel)).toBe(2)
  })

  it('finds recorded orders with live tickets that a listing does not show', async () => {
    const [channel, other] = [await openChannel(), await openChannel()]
    await record(channel, 'o2', { tickets: { t3: 'VALID', t4: 'VALID', t5: 'CANCELLED' } })
    await record(channel, 'o1', { tickets: { t1: 'VALID', t2: 'VALID' } })
    await record(channel, 'cancelled', { tickets: { t6: 'VALID' }, state: 'CANCELLED' })
    await record(channel, 'late', { tickets: { t7: 'VALID' }, seenAt: LATER })
    await record(channel, 'never read', { tickets: { t11: 'VALID' }, version: NEVER_READ })
    await record(channel, 'without live tickets', { tickets: { t8: 'CANCELLED' } })
    await record(channel, 'complete', { tickets: { t9: 'VALID' } })
    await record(channel, 'moved', { tickets: { t10: 'VALID' } })
    await record(other, 'o1', { tickets: { t1: 'VALID' } })
    const { stagedOrders } = bench.stores
    await stagedOrders.add(channel.id, [
      snapshot('complete', []),
      snapshot('new', [ticket('t10', false)]),
      snapshot('o1', [ticket('t1')], { complete: false }),
    ])
    await stagedOrders.add(other.id, [snapshot('o2', [ticket('t3')])])
    expect(await absentFrom(channel.id, channel)).toEqual([
      { orderId: 'o1', version: 'v-o1', ticketIds: ['t2'] },
      { orderId: 'o2', version: 'v-o2', ticketIds: ['t3', 't4'] },
    ])
    expect(await absentFrom(channel.id, channel, LATER, 1)).toHaveLength(1)
    expect(await absentFrom(channel.id, channel, SEEN)).toEqual([])
    expect(await absentFrom('empty', other)).toEqual([{ orderId: 'o1', version: 'v-o1', ticketIds: ['t1'] }])
  })
})
