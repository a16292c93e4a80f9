import { beforeAll, expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { NewRelease } from '../../../../src/safety-stock/release-store.js'
import { describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const LATER = new Date('2026-11-20T13:00:00.000Z')

describeStores('The release store', (bench) => {
  let eventId: string

  beforeAll(async () => {
    const event = eventRow()
    eventId = event.id
    await bench.insert('events', event)
  })

  const requested = (change: Partial<NewRelease> = {}): NewRelease => ({
    id: newId('rel'),
    eventId,
    platform: 'LUMA',
    channelId: 'chn_1',
    quantity: 3,
    reason: 'a partner cancelled',
    requestedBy: 'usr_1',
    requestedAt: NOW,
    ...change,
  })

  const create = (release: NewRelease) =>
    bench.stores.transactions.run((transaction) => bench.stores.releases.create(transaction, release))

  const decide = (id: string, decidedBy: string, state: 'APPROVED' | 'REJECTED' = 'APPROVED') =>
    bench.stores.transactions.run((transaction) =>
      bench.stores.releases.decide(transaction, id, { state, decidedBy, decidedAt: LATER }),
    )

  it('creates pending releases, which are decided once and by another user', async () => {
    const release = requested()
    const pending = { ...release, state: 'PENDING', decidedBy: null, decidedAt: null }
    expect(await create(release)).toEqual(pending)
    expect(await bench.stores.releases.find(null, release.id)).toEqual(pending)
    await expect(decide(release.id, 'usr_1')).rejects.toThrow()
    expect(await decide(release.id, 'usr_2')).toBe(true)
    expect(await decide(release.id, 'usr_3', 'REJECTED')).toBe(false)
    const approved = { ...release, state: 'APPROVED', decidedBy: 'usr_2', decidedAt: LATER }
    expect(await bench.stores.releases.find(null, release.id)).toEqual(approved)
    expect(await decide('rel_none', 'usr_2')).toBe(false)
    expect(await bench.stores.releases.find(null, 'rel_none')).toBeNull()
  })

  it('reads what its transaction has written', async () => {
    await bench.stores.transactions.run(async (transaction) => {
      const { id } = await bench.stores.releases.create(transaction, requested())
      expect(await bench.stores.releases.find(transaction, id)).toMatchObject({ id, state: 'PENDING' })
      expect(await bench.stores.releases.find(null, id)).toBeNull()
    })
  })

  it('refuses a release of no units', async () => {
    await expect(create(requested({ quantity: 0 }))).rejects.toThrow()
  })

  it('lists matching releases, newest first', async () => {
    const event = eventRow()
    await bench.insert('events', event)
    const releases = ['1', '2', '3'].map((digit) => requested({ id: `rel_${digit.repeat(32)}`, eventId: event.id }))
    for (const release of releases) await create(release)
    await decide(releases[1]?.id ?? '', 'usr_2', 'REJECTED')
    const list = async (filter: Parameters<typeof bench.stores.releases.newest>[0], limit = 10) =>
      (await bench.stores.releases.newest({ eventId: event.id, ...filter }, limit)).map(({ id }) => id[4])
    expect(await list({})).toEqual(['3', '2', '1'])
    expect(await list({}, 2)).toEqual(['3', '2'])
    expect(await list({ before: releases[2]?.id ?? '' })).toEqual(['2', '1'])
    expect(await list({ state: 'PENDING' })).toEqual(['3', '1'])
    expect(await list({ state: 'REJECTED' })).toEqual(['2'])
    expect(await list({ state: 'APPROVED' })).toEqual([])
  })
})
