import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { InboxDelivery } from '../../../../src/inbound/receive/inbox-store.js'
import { describeStores } from '../../../support/fixtures/store-bench.js'
import { environmentConnectionId } from '../../../../src/domain/connection-record.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000)

function delivery(receivedAt: Date): InboxDelivery {
  return {
    platform: 'LUMA',
    connectionId: environmentConnectionId('LUMA'),
    deliveryId: newId('test'),
    headers: { 'content-type': 'application/json' },
    body: new Uint8Array([0, 123, 255]),
    receivedAt,
  }
}

describeStores('The inbox store', (bench) => {
  it('is empty at first', async () => {
    expect(await bench.stores.inbox.undrained(10)).toEqual([])
    expect(await bench.stores.inbox.oldestReceivedAt()).toBeNull()
  })

  it('keeps deliveries whole and in order of arrival until they are drained', async () => {
    const { inbox } = bench.stores
    const first = delivery(later(5))
    // Received earlier, but stored later: the order of arrival is the order of storing.
    const [second, third] = [delivery(NOW), delivery(later(10))]
    for (const stored of [first, second, third]) await inbox.add(stored)
    const entries = await inbox.undrained(10)
    expect(entries.map(({ id: _, body, ...entry }) => ({ ...entry, body: [...body] }))).toEqual(
      [first, second, third].map(({ body, ...entry }) => ({ ...entry, body: [...body] })),
    )
    expect((await inbox.undrained(2)).map(({ id }) => id)).toEqual(entries.slice(0, 2).map(({ id }) => id))
    expect(await inbox.oldestReceivedAt()).toEqual(later(5))
    await inbox.markDrained(
      entries.slice(0, 1).map(({ id }) => id),
      NOW,
    )
    expect((await inbox.undrained(10)).map(({ deliveryId }) => deliveryId)).toEqual([
      second.deliveryId,
      third.deliveryId,
    ])
    expect(await inbox.oldestReceivedAt()).toEqual(NOW)
    const [drained] = await bench.rows('inbox', { deliveryId: first.deliveryId })
    expect(drained).toMatchObject({ drainedAt: NOW, headers: {} })
    expect(drained?.body).toHaveLength(0)
    expect(await bench.rows('inbox', { deliveryId: second.deliveryId })).toMatchObject([{ drainedAt: null }])
    await inbox.markDrained(
      entries.map(({ id }) => id),
      NOW,
    )
    expect(await inbox.undrained(10)).toEqual([])
  })

  it('drains nothing without ids', async () => {
    await bench.stores.inbox.add(delivery(NOW))
    await bench.stores.inbox.markDrained([], NOW)
    expect(await bench.stores.inbox.undrained(10)).toHaveLength(1)
  })
})
