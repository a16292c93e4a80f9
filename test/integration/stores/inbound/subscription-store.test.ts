import { expect, it } from 'vitest'
import type { Channel } from '../../../../src/domain/channel-record.js'
import { channelRow, describeStores, eventRow } from '../../../support/fixtures/store-bench.js'
import { environmentConnectionId } from '../../../../src/domain/connection-record.js'

const LUMA = environmentConnectionId('LUMA')
const EVENTBRITE = environmentConnectionId('EVENTBRITE')
const MEETUP = environmentConnectionId('MEETUP')
const NOW = new Date('2026-11-20T12:00:00.000Z')
const RECORD = { registered: true, reason: null, checkedAt: NOW.toISOString() }

describeStores('The subscription store', (bench) => {
  it('keeps one record per connection', async () => {
    const { subscriptions } = bench.stores
    expect(await subscriptions.records([LUMA, EVENTBRITE])).toEqual(new Map())
    await subscriptions.saveRecord(LUMA, RECORD)
    await subscriptions.saveRecord(EVENTBRITE, { ...RECORD, events: { 15: '7' } })
    await subscriptions.saveRecord(LUMA, { ...RECORD, registered: false, reason: 'refused' })
    expect(await subscriptions.records([LUMA, EVENTBRITE])).toEqual(
      new Map([
        [LUMA, { ...RECORD, registered: false, reason: 'refused' }],
        [EVENTBRITE, { ...RECORD, events: { 15: '7' } }],
      ]),
    )
    expect(await subscriptions.records([MEETUP])).toEqual(new Map())
  })

  it('keeps one secret per connection, and returns only those of the given ones', async () => {
    const { subscriptions } = bench.stores
    expect(await subscriptions.secrets([LUMA, EVENTBRITE])).toEqual(new Map())
    await subscriptions.saveSecret(LUMA, { encrypted: 'Zmlyc3Q=' })
    await subscriptions.saveSecret(LUMA, { encrypted: 'c2Vj' })
    await subscriptions.saveSecret(MEETUP, { encrypted: 'b3Ro' })
    expect(await subscriptions.secrets([LUMA, EVENTBRITE])).toEqual(new Map([[LUMA, { encrypted: 'c2Vj' }]]))
    expect(await subscriptions.secrets([])).toEqual(new Map())
  })

  it('forgets record and secret of one connection', async () => {
    const { subscriptions } = bench.stores
    for (const id of [LUMA, MEETUP]) {
      await subscriptions.saveRecord(id, RECORD)
      await subscriptions.saveSecret(id, { encrypted: 'c2Vj' })
    }
    await subscriptions.forget(LUMA)
    await subscriptions.forget(LUMA)
    expect([...(await subscriptions.records([LUMA, MEETUP])).keys()]).toEqual([MEETUP])
    expect([...(await subscriptions.secrets([LUMA, MEETUP])).keys()]).toEqual([MEETUP])
  })

  it('returns a secret that an earlier version stored in clear', async () => {
    await bench.insert('storedValues', { key: `webhook-secret:${EVENTBRITE}`, value: 'clear', updatedAt: NOW })
    expect(await bench.stores.subscriptions.secrets([EVENTBRITE])).toEqual(new Map([[EVENTBRITE, 'clear']]))
  })

  it('lists the attached listings of live events, sorted, each once', async () => {
    const live = eventRow()
    const recentlyClosed = eventRow({ closedSince: new Date(NOW.getTime() - 3_600_000) })
    const ended = eventRow({ startsAt: new Date(NOW.getTime() - 30 * 86_400_000) })
    for (const event of [live, recentlyClosed, ended]) await bench.insert('events', event)
    const add = (eventId: string, externalEventId: string, change: Partial<Channel> = {}) =>
      bench.insert('channels', channelRow(eventId, { externalEventId, ...change }))
    await add(live.id, '202', { externalTicketClassId: 'a' })
    await add(live.id, '202', { externalTicketClassId: 'b' })
    await add(recentlyClosed.id, '101', { importedAt: null })
    await add(live.id, '303', { detachedAt: NOW })
    await add(ended.id, '404')
    await add(live.id, '505', { platform: 'LUMA' })
    expect(await bench.stores.subscriptions.liveListings(EVENTBRITE, NOW)).toEqual(['101', '202'])
    expect(await bench.stores.subscriptions.liveListings(MEETUP, NOW)).toEqual([])
  })
})
