import { expect, it } from 'vitest'
import { newId } from '../../../../src/infrastructure/ids.js'
import type { SaleKey } from '../../../../src/safety-stock/sale-key-store.js'
import { describeStores } from '../../../support/fixtures/store-bench.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')

describeStores('The store of sale keys', (bench) => {
  const find = (key: SaleKey) =>
    bench.stores.transactions.run((transaction) => bench.stores.saleKeys.find(transaction, key))
  const put = (key: SaleKey) =>
    bench.stores.transactions.run((transaction) => bench.stores.saleKeys.put(transaction, key))

  it('finds a key by event and user, and replaces it', async () => {
    const key = { eventId: newId('evt'), userId: 'usr_1', idempotencyKey: 'a key', requestHash: 'h1', orderId: 'ord_1' }
    const first = { ...key, createdAt: NOW }
    expect(await find(first)).toBeNull()
    await put(first)
    expect(await find(first)).toEqual(first)
    for (const other of [{ eventId: 'evt_0' }, { userId: 'usr_2' }, { idempotencyKey: 'another' }]) {
      expect(await find({ ...first, ...other })).toBeNull()
    }
    const second = { ...first, requestHash: 'h2', orderId: 'ord_2', createdAt: new Date(NOW.getTime() + 1) }
    await put(second)
    expect(await find(first)).toEqual(second)
    expect(await bench.rows('safetySaleKeys', { eventId: key.eventId })).toEqual([second])
  })
})
