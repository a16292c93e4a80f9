import { expect, it } from 'vitest'
import type { PlannedMove } from '../../../../src/rebalancing/rebalance-move-store.js'
import { newId } from '../../../../src/infrastructure/ids.js'
import { channelRow, describeStores, eventRow } from '../../../support/fixtures/store-bench.js'

const NOW = new Date('2026-11-20T12:00:00.000Z')
const after = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000)

describeStores('The store of rebalancing moves', (bench) => {
  const openEvent = async () => {
    const event = eventRow()
    await bench.insert('events', event)
    await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    return event.id
  }
  const openChannel = async (eventId: string, change: Parameters<typeof channelRow>[1] = {}) => {
    const channel = channelRow(eventId, change)
    await bench.insert('channels', channel)
    return channel.id
  }
  const move = (eventId: string, from: string, to: string, planned = 0): PlannedMove => {
    return { id: newId('mov'), eventId, from, to, quantity: 3, reason: 'it sells faster', plannedAt: after(planned) }
  }
  const append = (eventId: string, ...moves: PlannedMove[]) =>
    bench.stores.ledger.locked(eventId, (transaction) => bench.stores.rebalanceMoves.append(transaction, moves))
  const targets = async (eventId: string) => {
    const rows = await bench.rows('rebalanceMoves', { eventId })
    return new Map(rows.map(({ id, targetCap, confirmedAt }) => [id, { targetCap, confirmedAt }]))
  }

  it('reads the moves of an event from an instant on, in the order of their ids', async () => {
    const [eventId, other] = [await openEvent(), await openEvent()]
    const moves = [-1, 0, 2, 1].map((planned) => move(eventId, 'a', 'b', planned))
    await append(eventId, ...moves)
    await append(other, move(other, 'a', 'b'))
    const { rebalanceMoves } = bench.stores
    const ids = (found: PlannedMove[]) => found.map(({ id }) => id)
    expect(ids(await rebalanceMoves.since(eventId, NOW))).toEqual(ids(moves.slice(1)).toSorted())
    expect(await rebalanceMoves.since(eventId, after(2))).toMatchObject([{ ...moves[2] }])
    expect(await rebalanceMoves.since(eventId, after(3))).toEqual([])
  })

  it('keeps none of them when the transaction rolls back', async () => {
    const eventId = await openEvent()
    const { ledger, rebalanceMoves } = bench.stores
    const failed = ledger.locked(eventId, async (transaction) => {
      await rebalanceMoves.append(transaction, [move(eventId, 'a', 'b')])
      throw new Error('rolled back')
    })
    await expect(failed).rejects.toThrow('rolled back')
    expect(await rebalanceMoves.since(eventId, NOW)).toEqual([])
  })

  it('records the cap that completes a move, as this transaction has set it', async () => {
    const eventId = await openEvent()
    const [donor, receiver] = [await openChannel(eventId, { desiredCap: 5 }), await openChannel(eventId)]
    const moves = [
      move(eventId, donor, receiver),
      move(eventId, donor, 'DIRECT'),
      move(eventId, 'UNALLOCATED', 'DIRECT', 1),
    ]
    await bench.stores.ledger.locked(eventId, async (transaction) => {
      await bench.stores.channels.setDesired(transaction, receiver, { cap: 8, mode: 'OPEN' }, NOW)
      await bench.stores.rebalanceMoves.append(transaction, moves)
    })
    expect([...(await targets(eventId)).values()]).toEqual(
      expect.arrayContaining([
        { targetCap: 8, confirmedAt: null },
        { targetCap: 5, confirmedAt: null },
        { targetCap: null, confirmedAt: after(1) },
      ]),
    )
  })

  it('confirms moves when a platform confirms the cap that completes them', async () => {
    const eventId = await openEvent()
    const receiver = await openChannel(eventId, { desiredCap: 8 })
    const donor = await openChannel(eventId, { desiredCap: 5 })
    const [raise, late, release] = [
      move(eventId, donor, receiver),
      move(eventId, donor, receiver, -61),
      move(eventId, donor, 'DIRECT'),
    ]
    await append(eventId, raise, late, release)
    const { channels } = bench.stores
    const confirmed = async () => {
      const rows = await targets(eventId)
      return [raise, late, release].map(({ id }) => rows.get(id)?.confirmedAt ?? null)
    }
    await channels.update(null, receiver, { confirmedCap: 7, confirmedAt: after(1) })
    await channels.update(null, receiver, { confirmedCap: 8 })
    await channels.update(null, donor, { confirmedCap: 6, confirmedAt: after(1) })
    expect(await confirmed()).toEqual([null, null, null])
    await channels.update(null, receiver, { confirmedCap: 9, confirmedAt: after(2) })
    expect(await confirmed()).toEqual([after(2), null, null])
    const failed = bench.stores.ledger.locked(eventId, async (transaction) => {
      await channels.update(transaction, donor, { confirmedCap: 5, confirmedAt: after(3) })
      throw new Error('rolled back')
    })
    await expect(failed).rejects.toThrow('rolled back')
    expect(await confirmed()).toEqual([after(2), null, null])
    await channels.updateMatching(null, { eventId }, { confirmedCap: 5, confirmedAt: after(4) })
    expect(await confirmed()).toEqual([after(2), null, after(4)])
  })
})
