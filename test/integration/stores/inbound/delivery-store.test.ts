import { expect, it } from 'vitest'
import type { Platform } from '../../../../src/domain/channel.js'
import { environmentConnectionId } from '../../../../src/domain/connection-record.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { DeadDelivery } from '../../../../src/inbound/dead-letters/delivery-store.js'
import { describeStores } from '../../../support/fixtures/store-bench.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')

function delivery(change: Partial<DeadDelivery> = {}): DeadDelivery {
  return {
    id: newId('dlv'),
    platform: 'LUMA',
    connectionId: environmentConnectionId('LUMA'),
    state: 'UNMATCHED',
    reason: 'no channel sells it',
    headers: { 'content-type': 'application/json', deliveryId: 'd-1' },
    body: new Uint8Array([0, 123, 255]),
    receivedAt: NOW,
    ...change,
  }
}

describeStores('The store of dead-lettered deliveries', (bench) => {
  const addAll = async (...deliveries: DeadDelivery[]) => {
    for (const added of deliveries) await bench.stores.deliveries.add(added)
  }

  it('finds a delivery as it was added', async () => {
    const { body, ...added } = delivery()
    await addAll({ ...added, body })
    const found = await bench.stores.deliveries.find(added.id)
    expect(found).toMatchObject({ ...added, attempts: 1, replayedAt: null })
    expect([...(found?.body ?? [])]).toEqual([...body])
    expect(await bench.stores.deliveries.find(newId('dlv'))).toBeNull()
  })

  it('refuses a second delivery with the same id', async () => {
    const added = delivery()
    await addAll(added)
    await expect(addAll(added)).rejects.toMatchObject({ code: 'P2002' })
  })

  it('lists deliveries newest first, before an id, up to the limit', async () => {
    const [first, second, third] = [delivery(), delivery(), delivery()]
    await addAll(second, first, third)
    const ids = async (before: string | undefined, limit: number) =>
      (await bench.stores.deliveries.newest({ before }, limit)).map(({ id }) => id)
    expect(await ids(undefined, 3)).toEqual([third.id, second.id, first.id])
    expect(await ids(third.id, 1)).toEqual([second.id])
    expect((await ids(second.id, 100))[0]).toBe(first.id)
  })

  it('filters by platform and state', async () => {
    const [meetup, eventbrite] = [delivery({ platform: 'MEETUP' }), delivery({ platform: 'EVENTBRITE' })]
    const failed = delivery({ platform: 'MEETUP', state: 'FAILED' })
    await addAll(meetup, eventbrite, failed)
    const ids = async (filter: Parameters<typeof bench.stores.deliveries.newest>[0]) =>
      (await bench.stores.deliveries.newest(filter, 100)).map(({ id }) => id)
    expect(await ids({ platform: 'MEETUP' })).toEqual([failed.id, meetup.id])
    expect(await ids({ platform: 'MEETUP', state: 'UNMATCHED' })).toEqual([meetup.id])
    expect(await ids({ platform: 'EVENTBRITE', state: 'FAILED' })).toEqual([])
  })

  it('lists the platforms with a failed delivery', async () => {
    const { deliveries } = bench.stores
    for (const { id } of await deliveries.newest({ state: 'FAILED' }, 100)) await deliveries.markReplayed(id, NOW)
    expect(await deliveries.platformsWithFailed()).toEqual([])
    const luma = delivery({ platform: 'LUMA', state: 'FAILED' })
    const failed = ['LUMA', 'MEETUP'].map((platform) => delivery({ platform: platform as Platform, state: 'FAILED' }))
    await addAll(luma, ...failed, delivery({ platform: 'EVENTBRITE' }))
    await deliveries.markReplayed(luma.id, NOW)
    expect((await deliveries.platformsWithFailed()).toSorted()).toEqual(['LUMA', 'MEETUP'])
  })

  it('counts replays of one delivery', async () => {
    const [added, other] = [delivery({ state: 'FAILED' }), delivery()]
    await addAll(added, other)
    await bench.stores.deliveries.markReplayed(added.id, NOW)
    await bench.stores.deliveries.markReplayed(added.id, new Date(NOW.getTime() + 1))
    const replayed = { state: 'REPLAYED', attempts: 3, replayedAt: new Date(NOW.getTime() + 1) }
    expect(await bench.stores.deliveries.find(added.id)).toMatchObject(replayed)
    expect(await bench.stores.deliveries.find(other.id)).toMatchObject({ state: 'UNMATCHED', attempts: 1 })
    await bench.stores.deliveries.markReplayed(newId('dlv'), NOW)
  })
})
