import { expect, it } from 'vitest'
import { channelRow, describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const AT = new Date('2030-01-01T00:00:00.000Z')

describeStores('The quarantine store', (bench) => {
  const openChannel = async () => {
    const event = eventRow()
    const channel = channelRow(event.id)
    await bench.insert('events', event)
    await bench.insert('channels', channel)
    return channel
  }
  const record = (externalOrderId: string | null, reason = 'unreadable') => ({
    externalOrderId,
    reason,
    excerpt: externalOrderId === null ? null : `{"orderId":"${externalOrderId}"}`,
  })

  it('counts attempts of an open record and opens a new one after it was resolved', async () => {
    const channel = await openChannel()
    const { quarantine } = bench.stores
    await quarantine.add(channel, [])
    await quarantine.add(channel, [record('o1'), record('o2')])
    await quarantine.add(channel, [record('o1', 'still unreadable')])
    const open = await quarantine.openOrders(channel.id)
    expect(open.map(({ externalOrderId }) => externalOrderId).toSorted()).toEqual(['o1', 'o2'])
    await quarantine.resolve([], AT)
    await quarantine.resolve(
      open.filter(({ externalOrderId }) => externalOrderId === 'o1').map(({ id }) => id),
      AT,
    )
    expect((await quarantine.openOrders(channel.id)).map(({ externalOrderId }) => externalOrderId)).toEqual(['o2'])
    await quarantine.add(channel, [record('o1')])
    const rows = await bench.rows('quarantinedRecords', { channelId: channel.id, externalOrderId: 'o1' })
    expect(rows.map(({ attempts, reason, resolvedAt }) => ({ attempts, reason, resolvedAt }))).toEqual(
      expect.arrayContaining([
        { attempts: 2, reason: 'still unreadable', resolvedAt: AT },
        { attempts: 1, reason: 'unreadable', resolvedAt: null },
      ]),
    )
  })

  it('opens one record per reason for rows without an order id', async () => {
    const channel = await openChannel()
    const { quarantine } = bench.stores
    await quarantine.add(channel, [record(null, 'no id'), record(null, 'not an object')])
    await quarantine.add(channel, [record(null, 'no id')])
    const rows = await bench.rows('quarantinedRecords', { channelId: channel.id })
    const attempts = Object.fromEntries(rows.map((row) => [row.reason, row.attempts]))
    expect(attempts).toEqual({ 'no id': 2, 'not an object': 1 })
    expect(await quarantine.openOrders(channel.id)).toEqual([])
  })

  it('resolves what was last seen before a full read, in one channel', async () => {
    const [channel, other] = [await openChannel(), await openChannel()]
    const { quarantine } = bench.stores
    await quarantine.add(channel, [record('o1')])
    await quarantine.add(other, [record('o1')])
    await quarantine.resolveUnseen(channel.id, new Date('2020-01-01T00:00:00.000Z'), AT)
    expect(await quarantine.openOrders(channel.id)).toHaveLength(1)
    await quarantine.resolveUnseen(channel.id, AT, AT)
    expect(await quarantine.openOrders(channel.id)).toEqual([])
    expect(await quarantine.openOrders(other.id)).toHaveLength(1)
  })

  it('lists records by state from the newest id down, and finds one', async () => {
    const { quarantine } = bench.stores
    const ids = async (state: 'open' | 'resolved' | 'all', limit = 3, before?: string) =>
      (await quarantine.newest({ state, before }, limit)).map(({ id }) => id)
    const channel = await openChannel()
    for (const orderId of ['o1', 'o2', 'o3']) await quarantine.add(channel, [record(orderId)])
    const rows = await bench.rows('quarantinedRecords', { channelId: channel.id })
    const [a = '', b = '', c = ''] = rows.map(({ id }) => id).toSorted()
    await quarantine.resolve([b], AT)
    expect(await ids('all')).toEqual([c, b, a])
    expect(await ids('all', 1, c)).toEqual([b])
    expect(await ids('open', 2)).toEqual([c, a])
    expect(await ids('open', 1, c)).toEqual([a])
    expect(await ids('resolved', 1)).toEqual([b])
    expect(await ids('all', 3, 'qtn_')).toEqual([])
    const [resolved] = await bench.rows('quarantinedRecords', { id: b })
    expect(await quarantine.find(b)).toEqual({ ...resolved, externalOrderId: 'o2', attempts: 1, resolvedAt: AT })
    expect(await quarantine.find('qtn_unknown')).toBeNull()
  })

  it('lists open records from the oldest id up', async () => {
    const { quarantine } = bench.stores
    const openBefore = (await quarantine.oldestOpen(1_000)).map(({ id }) => id)
    const channel = await openChannel()
    for (const orderId of ['o1', 'o2', 'o3']) await quarantine.add(channel, [record(orderId)])
    const [a = '', b, c] = (await bench.rows('quarantinedRecords', { channelId: channel.id }))
      .map(({ id }) => id)
      .toSorted()
    await quarantine.resolve([a], AT)
    expect((await quarantine.oldestOpen(1_000)).map(({ id }) => id)).toEqual([...openBefore, b, c])
    expect(await quarantine.oldestOpen(1)).toHaveLength(1)
  })

  it('lists the events and platforms of open records', async () => {
    const { quarantine } = bench.stores
    const [channel, resolved] = [await openChannel(), await openChannel()]
    await quarantine.add(channel, [record('o1'), record('o2')])
    await quarantine.add(resolved, [record('o1')])
    const ids = (await quarantine.openOrders(resolved.id)).map(({ id }) => id)
    await quarantine.resolve(ids, AT)
    const places = await quarantine.openPlaces()
    const own = places.filter(({ eventId }) => [channel.eventId, resolved.eventId].includes(eventId))
    expect(own).toEqual([{ eventId: channel.eventId, platform: 'EVENTBRITE' }])
  })

  it('deletes records that were resolved before an instant', async () => {
    const { quarantine } = bench.stores
    const channel = await openChannel()
    await quarantine.add(channel, [record('old'), record('recent'), record('open')])
    const open = await quarantine.openOrders(channel.id)
    const idsOf = (orderId: string) => open.filter((row) => row.externalOrderId === orderId).map(({ id }) => id)
    await quarantine.resolve(idsOf('old'), new Date(AT.getTime() - 1))
    await quarantine.resolve(idsOf('recent'), AT)
    await quarantine.deleteResolved(AT)
    const left = await bench.rows('quarantinedRecords', { channelId: channel.id })
    expect(new Set(left.map(({ externalOrderId }) => externalOrderId))).toEqual(new Set(['open', 'recent']))
  })
})

describeStores('Requests of a recount', (bench) => {
  const [early, late] = [new Date('2026-11-20T12:00:01.000Z'), new Date('2026-11-20T12:00:05.000Z')]
  const recountAfter = async (at: Date, change: Parameters<typeof channelRow>[1]) => {
    const event = eventRow()
    const channel = channelRow(event.id, { recounts: 3, ...change })
    await bench.insert('events', event)
    await bench.insert('channels', channel)
    await bench.stores.recounts.request(channel.id, at)
    const [row] = await bench.rows('channels', { id: channel.id })
    return { recountAt: row?.recountAt, recounts: row?.recounts }
  }
  const requested = (recountAt: Date) => ({ recountAt, recounts: 0 })
  const ignored = { recountAt: null, recounts: 3 }

  it('is granted where the count blocks units', async () => {
    const full = { platformSold: 8, pendingTickets: 3, confirmedCap: 10, desiredCap: 20 }
    expect(await recountAfter(early, full)).toEqual(requested(early))
    expect(await recountAfter(early, { ...full, confirmedCap: null, desiredCap: 10 })).toEqual(requested(early))
    expect(await recountAfter(early, { ...full, pendingTickets: 2 })).toEqual(ignored)
    expect(await recountAfter(early, { ...full, confirmedCap: null, desiredCap: null })).toEqual(ignored)
  })

  it('is granted for a closed or paused channel with a count', async () => {
    expect(await recountAfter(early, { platformSold: 1, desiredMode: 'WAITLIST_ONLY' })).toEqual(requested(early))
    expect(await recountAfter(early, { platformSold: 1, pausedSince: early })).toEqual(requested(early))
    expect(await recountAfter(early, { desiredMode: 'WAITLIST_ONLY' })).toEqual(ignored)
  })

  it('never delays a recount that is already due', async () => {
    const closed = { platformSold: 1, desiredMode: 'WAITLIST_ONLY' } as const
    expect(await recountAfter(late, { ...closed, recountAt: early })).toEqual(requested(early))
    expect(await recountAfter(early, { ...closed, recountAt: late })).toEqual(requested(early))
  })
})
