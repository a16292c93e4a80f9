import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import { channelRow, describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const minutes = (count: number) => new Date(NOW.getTime() + count * 60_000)

describeStores('The outage store', (bench) => {
  const addEvent = async (change: Parameters<typeof eventRow>[0] = {}) => {
    const event = eventRow(change)
    await bench.insert('events', event)
    return event.id
  }
  const addChannel = async (eventId: string, change: Parameters<typeof channelRow>[1] = {}) => {
    const channel = channelRow(eventId, change)
    await bench.insert('channels', channel)
    return channel.id
  }
  const channelOf = async (id: string) => (await bench.rows('channels', { id }))[0]

  it('sums the tickets of recent platform orders per event', async () => {
    const eventId = await addEvent()
    const listing = await addChannel(eventId)
    const recent = new Date(Date.now() - 60_000)
    const order = (quantity: number, seenAt: Date, platform: 'LUMA' | 'DIRECT' = 'LUMA') =>
      bench.insert('orders', {
        id: newId('ord'),
        eventId,
        platform,
        channelId: platform === 'DIRECT' ? null : listing,
        externalOrderId: platform === 'DIRECT' ? null : newId('ext'),
        state: 'PLACED',
        quantity,
        buyerName: null,
        buyerEmail: null,
        version: '',
        revision: 0,
        placedAt: null,
        seenAt,
        updatedAt: recent,
      })
    await order(2, recent)
    await order(3, recent)
    await order(5, new Date(Date.now() - 11 * 60_000))
    await order(7, recent, 'DIRECT')
    const sales = await bench.stores.outage.recentSales()
    expect(sales.get(eventId)).toBe(5)
    expect(sales.has(await addEvent())).toBe(false)
  })

  it('lists open events by their start', async () => {
    const late = await addEvent({ startsAt: minutes(60) })
    const soon = await addEvent({ startsAt: minutes(30) })
    const closed = await addEvent({ startsAt: minutes(10), closedSince: NOW })
    const ids = await bench.stores.outage.openEventsBySoonestStart(NOW)
    expect(ids.filter((id) => [late, soon, closed].includes(id))).toEqual([soon, late])
  })

  it('lists the channels to sweep, longest waiting first and never read ones before others', async () => {
    const eventId = await addEvent()
    const recent = await addChannel(eventId, { needsSweepSince: minutes(-1) })
    const read = await addChannel(eventId, { needsSweepSince: minutes(-5), lastPullAt: minutes(-9) })
    const readEarlier = await addChannel(eventId, { needsSweepSince: minutes(-5), lastPullAt: minutes(-20) })
    const unread = await addChannel(eventId, { needsSweepSince: minutes(-5) })
    const others = [
      await addChannel(eventId),
      await addChannel(eventId, { needsSweepSince: minutes(-5), detachedAt: NOW }),
      await addChannel(await addEvent({ closedSince: NOW }), { needsSweepSince: minutes(-5) }),
    ]
    const own = [recent, read, readEarlier, unread, ...others]
    const found = (await bench.stores.outage.channelsToSweep(NOW)).map(({ id }) => id).filter((id) => own.includes(id))
    expect(found).toEqual([unread, readEarlier, read, recent])
  })

  it('lists imported channels, longest not read first', async () => {
    const eventId = await addEvent()
    const read = await addChannel(eventId, { lastPullAt: minutes(-1) })
    const unread = await addChannel(eventId)
    const others = [
      await addChannel(eventId, { importedAt: null }),
      await addChannel(eventId, { detachedAt: NOW }),
      await addChannel(await addEvent({ closedSince: NOW })),
    ]
    const own = [read, unread, ...others]
    const found = (await bench.stores.outage.importedChannels(NOW)).map(({ id }) => id).filter((id) => own.includes(id))
    expect(found).toEqual([unread, read])
  })

  it('records and removes the error of a sweep, and leaves other errors', async () => {
    const eventId = await addEvent()
    const [id, other] = [await addChannel(eventId), await addChannel(eventId, { syncError: 'REJECTED: sold more' })]
    const { outage } = bench.stores
    await outage.recordSweepError(id, 'UNAVAILABLE: no response')
    expect(await channelOf(id)).toMatchObject({ syncError: 'sweep: UNAVAILABLE: no response' })
    await outage.clearSweepError(id)
    await outage.clearSweepError(other)
    expect(await channelOf(id)).toMatchObject({ syncError: null })
    expect(await channelOf(other)).toMatchObject({ syncError: 'REJECTED: sold more' })
  })

  it('completes the sweep of one outage and not that of a later one', async () => {
    const id = await addChannel(await addEvent(), { needsSweepSince: minutes(-5) })
    await bench.stores.outage.completeSweep(id, minutes(-6))
    expect(await channelOf(id)).toMatchObject({ needsSweepSince: minutes(-5) })
    await bench.stores.outage.completeSweep(id, minutes(-5))
    expect(await channelOf(id)).toMatchObject({ needsSweepSince: null })
  })

  it('requires a sweep of all channels of one event', async () => {
    const [eventId, otherEvent] = [await addEvent(), await addEvent()]
    const own = [await addChannel(eventId), await addChannel(eventId)]
    const other = await addChannel(otherEvent)
    await bench.stores.outage.requireSweep(eventId, NOW)
    for (const id of own) expect(await channelOf(id)).toMatchObject({ needsSweepSince: NOW })
    expect(await channelOf(other)).toMatchObject({ needsSweepSince: null })
  })
})
