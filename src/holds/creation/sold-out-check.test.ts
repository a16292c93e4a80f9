import { describe, expect, it } from 'vitest'
import { MemoryGateState } from '../../adapters/memory/stock/memory-gate-state.js'
import { MemoryStockGate } from '../../adapters/memory/stock/memory-stock-gate.js'
import { emptyBalances } from '../../domain/stock/ledger-account.js'
import { ownMemory } from '../../infrastructure/shared-memory.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import { SoldOutCheck, TRUSTED_MS } from './sold-out-check.js'

/** A gate with ten free tickets that counts its reads. */
async function checkOfTen() {
  const time = new VirtualTime()
  const gate = new MemoryStockGate(ownMemory(new MemoryGateState(time)))
  await gate.install('evt_1', 1, { ...emptyBalances(), UNALLOCATED: 10, CAPACITY: -10 })
  const read = gate.read.bind(gate)
  let reads = 0
  gate.read = (eventId) => {
    reads++
    return read(eventId)
  }
  const take = (operationId: string, quantity: number) =>
    gate.take('evt_1', { operationId, postings: [{ quantity, sources: ['UNALLOCATED'], destination: 'HELD' }] })
  return { time, take, reads: () => reads, check: new SoldOutCheck(gate, time) }
}

describe('The check for sold-out events', () => {
  it('reads an event with stock again only after a moment', async () => {
    const { time, take, reads, check } = await checkOfTen()
    for (let index = 0; index < 5; index++) expect(await check.isSoldOut('evt_1', 'DIRECT', 2)).toBe(false)
    expect(reads()).toBe(1)
    await take('a', 10)
    await time.run(TRUSTED_MS)
    expect(await check.isSoldOut('evt_1', 'DIRECT', 2)).toBe(true)
    expect(reads()).toBe(2)
  })

  it('refuses by a new read only', async () => {
    const { take, reads, check } = await checkOfTen()
    expect(await check.isSoldOut('evt_1', 'DIRECT', 11)).toBe(true)
    expect(await check.isSoldOut('evt_1', 'DIRECT', 11)).toBe(true)
    expect(reads()).toBe(2)
    await take('a', 10)
    // Misled for a moment: refused under the lock.
    expect(await check.isSoldOut('evt_1', 'DIRECT', 10)).toBe(false)
  })
})
