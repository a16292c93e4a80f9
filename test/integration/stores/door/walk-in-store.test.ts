import { expect, it } from 'vitest'
import type { WalkIn } from '../../../../src/door/walk-ins/walk-in-store.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import { describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const AT = new Date('2026-12-20T18:30:00.000Z')

describeStores('The walk-in store', (bench) => {
  async function walkIn(change: Partial<WalkIn> = {}): Promise<WalkIn> {
    const event = eventRow()
    await bench.insert('events', event)
    const known = { id: newId('wlk'), eventId: event.id, source: 'COUNT', quantity: 2, at: AT, orderId: null } as const
    const by = { userId: 'usr_1', deviceId: null, recordedAt: AT, idempotencyKey: 'a key', requestHash: 'h1' }
    return { ...known, ...by, takenBackAt: null, ...change }
  }
  const record = (row: WalkIn) =>
    bench.stores.transactions.run((transaction) => bench.stores.walkIns.recordOnce(transaction, row))
  const find = (id: string) =>
    bench.stores.transactions.run((transaction) => bench.stores.walkIns.find(transaction, id))

  it('records one walk-in under a key of a user and event', async () => {
    const first = await walkIn()
    expect(await record(first)).toEqual(first)
    expect(await record({ ...first, id: newId('wlk'), requestHash: 'h2' })).toEqual(first)
    for (const other of [{ userId: 'usr_2' }, { idempotencyKey: 'another' }, { idempotencyKey: null }]) {
      const row = { ...first, id: newId('wlk'), ...other }
      expect(await record(row)).toEqual(row)
    }
    expect(await bench.rows('walkIns', { eventId: first.eventId })).toHaveLength(4)
  })

  it('records any number without a key', async () => {
    const first = await walkIn({ idempotencyKey: null })
    const second = { ...first, id: newId('wlk') }
    expect([await record(first), await record(second)]).toEqual([first, second])
  })

  it('gives requests under one key at the same time the same walk-in', async () => {
    const first = await walkIn()
    const rows = [first, { ...first, id: newId('wlk') }, { ...first, id: newId('wlk') }]
    const recorded = await Promise.all(rows.map(record))
    expect(new Set(recorded.map(({ id }) => id)).size).toBe(1)
    expect(await bench.rows('walkIns', { eventId: first.eventId })).toHaveLength(1)
  })

  it('is taken back once', async () => {
    const { walkIns, transactions } = bench.stores
    const { id } = await record(await walkIn())
    const takeBack = () => transactions.run((transaction) => walkIns.takeBack(transaction, id, AT))
    expect([await takeBack(), await takeBack()]).toEqual([true, false])
    expect(await find(id)).toMatchObject({ takenBackAt: AT })
    expect(await find('wlk_none')).toBeNull()
  })
})
