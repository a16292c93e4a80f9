import { expect, it } from 'vitest'
import { MemoryDatabase } from './memory-database.js'
import { memoryStores } from './stores.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import { channelRow } from '../../../test/support/fixtures/store-bench.js'

it('gives rows of several processes on one database ids of their own', async () => {
  const time = new VirtualTime()
  const database = new MemoryDatabase(time, time)
  const channels = [channelRow('evt_1'), channelRow('evt_1')]
  for (const channel of channels) {
    const { quarantine } = memoryStores(database)
    await quarantine.add(channel, [{ externalOrderId: 'order-1', reason: 'no tickets', excerpt: null }])
  }
  expect(database.quarantinedRecords.where(null).map(({ channelId }) => channelId)).toEqual(
    channels.map(({ id }) => id),
  )
})
