import { expect, it } from 'vitest'
import { describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

describeStores('The fail-safe state', (bench) => {
  it('follows the stored mode, within a transaction and outside', async () => {
    const event = eventRow()
    await bench.insert('events', event)
    await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    const { ledger, failSafe } = bench.stores
    expect(await failSafe.isFailSafe(null)).toBe(false)
    await ledger.locked(event.id, async (transaction) => {
      expect(await failSafe.isFailSafe(transaction)).toBe(false)
      await bench.change('systemMode', { id: 1 }, { mode: 'FAIL_SAFE' })
      expect(await failSafe.isFailSafe(transaction)).toBe(true)
    })
    expect(await failSafe.isFailSafe(null)).toBe(true)
    await bench.change('systemMode', { id: 1 }, { mode: 'NORMAL' })
    expect(await failSafe.isFailSafe(null)).toBe(false)
  })
})
