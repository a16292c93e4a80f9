import { beforeEach, describe, expect, it } from 'vitest'
import type { AlertCriteria, AlertToRaise } from '../../../../src/alerts/alert-store.js'
import type { LedgerAccount } from '../../../../src/domain/stock/ledger-account.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import { describeStores, eventRow, type StoreBench } from '../../../support/fixtures/store-bench.js'

const AT = new Date('2030-01-01T00:00:00.000Z')
const ago = (ms: number) => new Date(Date.now() - ms)

function fixture(bench: StoreBench) {
  const addEvent = async (change: Parameters<typeof eventRow>[0] = {}) => {
    const event = eventRow(change)
    await bench.insert('events', event)
    return event.id
  }
  const alert = (change: Partial<AlertToRaise> = {}): AlertToRaise => ({
    id: newId('alr'),
    kind: 'DRIFT',
    eventId: null,
    platform: null,
    about: null,
    detail: 'differs',
    dedupeKey: newId('key'),
    ...change,
  })
  const raise = async (change: Partial<AlertToRaise> = {}) => {
    const raised = alert(change)
    await bench.stores.alerts.raise(raised, 10_000)
    return raised.id
  }
  return { addEvent, alert, raise }
}

describeStores('The alert store', (bench) => {
  const { addEvent, alert, raise } = fixture(bench)
  const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
  // Alerts of earlier tests must not match the criteria of later ones.
  beforeEach(async () => void (await bench.stores.alerts.resolve({}, AT)))

  describe('raises', () => {
    it('one alert per key until it is resolved', async () => {
      const { alerts } = bench.stores
      const first = alert({ eventId: await addEvent(), platform: 'LUMA', about: 'a test' })
      expect(await alerts.raise(first, 10_000)).toBe(true)
      const unresolved = { resolvedAt: null, acknowledgedAt: null, acknowledgedBy: null }
      const stored = { ...first, createdAt: expect.any(Date), lastSeenAt: expect.any(Date), ...unresolved }
      expect(await bench.rows('alerts', { id: first.id })).toEqual([stored])
      const again = { ...first, id: newId('alr') }
      expect(await alerts.raise(again, 10_000)).toBe(false)
      await alerts.resolve({ keys: [first.dedupeKey] }, AT)
      expect(await alerts.raise(again, 10_000)).toBe(true)
      const rows = await bench.rows('alerts', { dedupeKey: first.dedupeKey })
      const resolvedAt = new Map(rows.map((row) => [row.id, row.resolvedAt]))
      expect(resolvedAt).toEqual(
        new Map([
          [first.id, AT],
          [again.id, null],
        ]),
      )
    })

    it('a single alert in concurrent calls', async () => {
      const { dedupeKey } = alert()
      const raised = await Promise.all(
        Array.from({ length: 5 }, () => bench.stores.alerts.raise(alert({ dedupeKey }), 10_000)),
      )
      expect(raised.filter(Boolean)).toHaveLength(1)
      expect(await bench.rows('alerts', { dedupeKey })).toHaveLength(1)
    })

    it('a lasting alert with its new details once per interval, even an acknowledged one', async () => {
      const { alerts } = bench.stores
      const first = alert({ detail: 'first' })
      await alerts.raise(first, 10_000)
      await alerts.raise({ ...first, detail: 'too soon' }, 10_000)
      expect(await bench.rows('alerts', { id: first.id })).toMatchObject([{ detail: 'first' }])
      await alerts.acknowledge(first.id, 'staff@example.com', AT)
      await bench.change('alerts', { id: first.id }, { lastSeenAt: ago(20_000) })
      expect(await alerts.raise({ ...first, detail: 'later' }, 10_000)).toBe(false)
      const [row] = await bench.rows('alerts', { id: first.id })
      expect(row).toMatchObject({ detail: 'later', acknowledgedAt: AT })
      expect(row?.lastSeenAt.getTime()).toBeGreaterThan(Date.now() - 10_000)
    })
  })

  describe('finds unresolved alerts', () => {
    const matching = async (criteria: AlertCriteria) => idsOf(await bench.stores.alerts.unresolved(criteria))

    it('by any criteria, in the order of their ids', async () => {
      const [eventId, other] = [await addEvent(), await addEvent()]
      const bare = alert({ kind: 'FAIL_SAFE' })
      const luma = alert({ kind: 'OVERSOLD', eventId, platform: 'LUMA', about: 'loop one' })
      const meetup = alert({ kind: 'OVERSOLD', eventId, platform: 'MEETUP', about: 'loop two' })
      const elsewhere = alert({ eventId: other, platform: 'LUMA', about: 'cap' })
      for (const each of [elsewhere, meetup, luma, bare]) await bench.stores.alerts.raise(each, 10_000)
      await bench.change('alerts', { id: luma.id }, { lastSeenAt: ago(60_000) })
      expect(await matching({})).toEqual(idsOf([bare, luma, meetup, elsewhere]))
      expect(await matching({ ids: [meetup.id, luma.id] })).toEqual(idsOf([luma, meetup]))
      expect(await matching({ kinds: ['FAIL_SAFE', 'DRIFT'] })).toEqual(idsOf([bare, elsewhere]))
      expect(await matching({ keys: [luma.dedupeKey] })).toEqual([luma.id])
      expect(await matching({ exceptKeys: [luma.dedupeKey] })).toEqual(idsOf([bare, meetup, elsewhere]))
      expect(await matching({ abouts: ['cap', 'loop two'] })).toEqual(idsOf([meetup, elsewhere]))
      expect(await matching({ aboutPrefix: 'loop ' })).toEqual(idsOf([luma, meetup]))
      expect(await matching({ eventIds: [eventId] })).toEqual(idsOf([luma, meetup]))
      expect(await matching({ platforms: ['LUMA', 'EVENTBRITE'] })).toEqual(idsOf([luma, elsewhere]))
      expect(await matching({ lastSeenBefore: ago(30_000) })).toEqual([luma.id])
      expect(await matching({ eventIds: [eventId], platforms: ['LUMA'] })).toEqual([luma.id])
      expect(await matching({ eventIds: [other], platforms: ['MEETUP'] })).toEqual([])
    })

    it('so that no alert without a value meets an exception', async () => {
      const [eventId, other] = [await addEvent(), await addEvent()]
      await raise()
      const noPlatform = await raise({ eventId, about: 'instance 1' })
      const noEvent = await raise({ platform: 'LUMA', about: 'redis' })
      const luma = await raise({ eventId, platform: 'LUMA', about: 'redis' })
      const meetup = await raise({ eventId: other, platform: 'MEETUP' })
      expect(await matching({ aboutPrefix: 'instance ' })).toEqual([noPlatform])
      expect(await matching({ exceptAboutPrefix: 'instance ' })).toEqual([noEvent, luma])
      expect(await matching({ exceptPlatforms: ['MEETUP'] })).toEqual([noEvent, luma])
      expect(await matching({ exceptPlatforms: [] })).toEqual([noEvent, luma, meetup])
      expect(await matching({ exceptChannels: [{ eventId, platform: 'LUMA' }] })).toEqual([meetup])
      expect(await matching({ exceptChannels: [{ eventId, platform: 'MEETUP' }] })).toEqual([luma, meetup])
      expect(await matching({ exceptChannels: [] })).toEqual([luma, meetup])
    })

    it('so that an empty list matches nothing, and an empty list of excepted keys excludes nothing', async () => {
      const id = await raise({ eventId: await addEvent(), platform: 'LUMA', about: 'redis' })
      for (const list of ['ids', 'kinds', 'keys', 'abouts', 'eventIds', 'platforms'] as const) {
        expect(await matching({ [list]: [] })).toEqual([])
      }
      expect(await matching({ exceptKeys: [] })).toEqual([id])
    })

    it('by the red alarm of the event', async () => {
      const inAlarm = await addEvent({ redAlarmSince: AT })
      const closed = await addEvent({ redAlarmSince: AT, closedSince: AT })
      const ids = []
      for (const eventId of [await addEvent(), closed]) ids.push(await raise({ eventId }))
      await raise({ eventId: inAlarm })
      await raise()
      expect(await matching({ event: 'NO_RED_ALARM' })).toEqual(ids)
    })

    it('by the oversold tickets of the event', async () => {
      const withBalances = async (units: Record<string, number>) => {
        const eventId = await addEvent()
        await bench.insert('ledgers', { eventId, epoch: 1 })
        const accounts = Object.entries(units).map(([account, count]) => ({
          account: account as LedgerAccount,
          units: count,
        }))
        await bench.stores.ledger.locked(eventId, (transaction) =>
          bench.stores.ledger.writeBalances(transaction, eventId, accounts),
        )
        return raise({ eventId })
      }
      const sold = await withBalances({ CAPACITY: -10, 'SOLD:LUMA': 10 })
      await withBalances({ CAPACITY: -10, 'SOLD:LUMA': 12, OVERSOLD: -2 })
      const withoutLedger = await raise({ eventId: await addEvent() })
      await raise()
      expect(await matching({ event: 'NOT_OVERSOLD' })).toEqual([sold, withoutLedger])
    })
  })

  it('resolves what matches, once, and returns it', async () => {
    const { alerts } = bench.stores
    const id = await raise({ kind: 'RED_ALARM' })
    const other = await raise({ kind: 'DRIFT' })
    const resolved = await alerts.resolve({ kinds: ['RED_ALARM'] }, AT)
    expect(resolved).toMatchObject([{ id, kind: 'RED_ALARM', detail: 'differs', resolvedAt: AT }])
    expect(await alerts.resolve({ kinds: ['RED_ALARM'] }, new Date(AT.getTime() + 1))).toEqual([])
    expect(await bench.rows('alerts', { id })).toMatchObject([{ resolvedAt: AT }])
    expect(idsOf(await alerts.unresolved({}))).toEqual([other])
  })

  it('lists the events with unresolved alerts', async () => {
    const { alerts } = bench.stores
    const [eventId, other, resolved] = [await addEvent(), await addEvent(), await addEvent()]
    for (const change of [{ eventId }, { eventId }, { eventId: other }, {}]) await raise(change)
    const over = await raise({ eventId: resolved })
    await alerts.resolve({ ids: [over] }, AT)
    expect((await alerts.eventsWithUnresolved()).toSorted()).toEqual([eventId, other].toSorted())
  })

  it('lists the kinds with unresolved alerts', async () => {
    const { alerts } = bench.stores
    expect(await alerts.unresolvedKinds()).toEqual([])
    const over = await raise({ kind: 'DRIFT' })
    for (const kind of ['OVERSOLD', 'RED_ALARM', 'OVERSOLD'] as const) await raise({ kind, eventId: await addEvent() })
    await alerts.resolve({ ids: [over] }, AT)
    expect((await alerts.unresolvedKinds()).toSorted()).toEqual(['OVERSOLD', 'RED_ALARM'])
  })

  it('knows whether an alert was raised since an instant, whatever its state', async () => {
    const { alerts } = bench.stores
    const eventId = await addEvent()
    const key = { kind: 'OVERSOLD', eventId, platform: 'LUMA' } as const
    expect(await alerts.wasRaisedSince(key, ago(60_000))).toBe(false)
    const id = await raise(key)
    const [row] = await bench.rows('alerts', { id })
    const createdAt = row?.createdAt ?? AT
    await alerts.resolve({ ids: [id] }, AT)
    expect(await alerts.wasRaisedSince(key, createdAt)).toBe(true)
    expect(await alerts.wasRaisedSince(key, new Date(createdAt.getTime() + 1))).toBe(false)
    expect(await alerts.wasRaisedSince({ ...key, platform: 'MEETUP' }, createdAt)).toBe(false)
    expect(await alerts.wasRaisedSince({ ...key, kind: 'DRIFT' }, createdAt)).toBe(false)
    expect(await alerts.wasRaisedSince({ ...key, eventId: await addEvent() }, createdAt)).toBe(false)
  })

  it('keeps the first acknowledgement', async () => {
    const { alerts } = bench.stores
    const id = await raise()
    const first = await alerts.acknowledge(id, 'first@example.com', AT)
    const acknowledged = { id, acknowledgedAt: AT, acknowledgedBy: 'first@example.com', resolvedAt: null }
    expect(first).toMatchObject({ alert: acknowledged, changed: true })
    const later = new Date(AT.getTime() + 1)
    expect(await alerts.acknowledge(id, 'second@example.com', later)).toEqual({ ...first, changed: false })
    expect(await alerts.acknowledge(newId('alr'), 'first@example.com', AT)).toBeNull()
  })

  it('pages through alerts by state, kind and acknowledgement, newest first', async () => {
    const { alerts } = bench.stores
    const kind = 'NOT_CLOSED'
    const fresh = await raise({ kind })
    const seen = await raise({ kind })
    const over = await raise({ kind })
    const done = await raise({ kind })
    for (const id of [seen, done]) await alerts.acknowledge(id, 'staff@example.com', AT)
    await alerts.resolve({ ids: [over, done] }, AT)
    await raise({ kind: 'DRIFT' })
    const page = async (filter: Partial<Parameters<typeof alerts.newest>[0]>, limit = 10) =>
      idsOf(await alerts.newest({ state: 'all', kind, ...filter }, limit))
    expect(await page({})).toEqual([done, over, seen, fresh])
    expect(await page({ state: 'open' })).toEqual([over, seen, fresh])
    expect(await page({ state: 'resolved' })).toEqual([done, over])
    expect(await page({ acknowledged: true })).toEqual([done, seen])
    expect(await page({ acknowledged: false, state: 'open' })).toEqual([over, fresh])
    expect(await page({ before: over })).toEqual([seen, fresh])
    expect(await page({}, 2)).toEqual([done, over])
    expect(await page({ kind: undefined }, 1)).not.toEqual([done])
  })
})
