import { expect, it } from 'vitest'
import { Ledger } from '../../../src/stock/ledger.js'
import { hashOf } from '../../../src/stock/proof/proof-chain.js'
import type { DatabaseTransaction } from '../../../src/infrastructure/transaction.js'
import { channelRow, describeStores, eventRow } from '../../support/fixtures/store-bench.js'

const NO_HASH = '0'.repeat(64)

describeStores('The proof of an event', (bench) => {
  const openEvent = async (withChannel = false) => {
    const event = eventRow()
    await bench.insert('events', event)
    const channel = channelRow(event.id, { confirmedCap: 40, platformSold: 3, importedAt: null })
    if (withChannel) await bench.insert('channels', channel)
    await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    return { eventId: event.id, channel }
  }
  const ledger = () => new Ledger(bench.stores.ledger)
  const linesOf = async (eventId: string) => {
    const lines = await bench.stores.ledger.proofAfter(eventId, 0, 100)
    return lines.map(({ position, content, hash, recordedAt }): Record<string, unknown> & { hash: string } => {
      expect(hash).toBe(hashOf(content))
      const line = JSON.parse(content) as Record<string, unknown>
      expect(line).toMatchObject({ n: position, at: recordedAt.toISOString() })
      return { ...line, hash }
    })
  }
  const entry = (operationId: string, seq: number) => ({
    operationId,
    epoch: 1,
    seq,
    reason: 'safety stock sale: for Wanda Waits',
    actor: 'nora@example.com',
    operatorId: 'usr_nora',
    movements: [{ from: 'CAPACITY' as const, to: 'UNALLOCATED' as const, quantity: 10 }],
  })

  it('starts with the balances and channels before its first transaction, and chains all later lines to it', async () => {
    const { eventId, channel } = await openEvent(true)
    await ledger().exclusive(eventId, async (locked) => {
      await locked.record([entry(`${eventId}:a`, 0)])
      locked.prove({ kind: 'DESIRED', channel: channel.id, cap: 7, mode: 'OPEN' })
    })
    await ledger().exclusive(eventId, async (locked) => locked.prove({ kind: 'CHANNEL_DETACHED', channel: channel.id }))
    const lines = await linesOf(eventId)
    expect(lines).toMatchObject([
      {
        n: 1,
        kind: 'STARTED',
        event: eventId,
        balances: {},
        channels: [{ id: channel.id, platform: 'EVENTBRITE', cap: 40, sold: 3, confirmed: false }],
        prev: NO_HASH,
      },
      { n: 2, kind: 'SALE', reason: 'SAFETY_STOCK_SALE', operator: 'usr_nora', operation: `${eventId}:a` },
      { n: 3, kind: 'DESIRED', cap: 7 },
      { n: 4, kind: 'CHANNEL_DETACHED' },
    ])
    expect(lines.map(({ hash }) => hash).slice(0, 3)).toEqual(lines.slice(1).map(({ prev }) => prev))
    expect(lines[1]).toMatchObject({ moves: [['CAPACITY', 'UNALLOCATED', 10]] })
    expect(await bench.rows('ledgers', { eventId })).toMatchObject([{ proofPosition: 4, proofHash: lines[3]?.hash }])
    expect(await bench.stores.ledger.lastProofLine(eventId)).toMatchObject({ position: 4, hash: lines[3]?.hash })
  })

  it('records operators by their id, and no name, address or free text', async () => {
    const { eventId } = await openEvent()
    await ledger().exclusive(eventId, (locked) => locked.record([entry(`${eventId}:a`, 0)]))
    const stored = await bench.stores.ledger.proofAfter(eventId, 0, 100)
    expect(stored).toHaveLength(2)
    expect(stored.map(({ content }) => content).join()).not.toMatch(/Wanda|nora@|example\.com/)
  })

  it('has nothing of a transaction that is rolled back, and no line of one that changes nothing', async () => {
    const { eventId } = await openEvent()
    await ledger().exclusive(eventId, async () => undefined)
    const failing = ledger().exclusive(eventId, async (locked) => {
      await locked.record([entry(`${eventId}:a`, 0)])
      throw new Error('rolled back')
    })
    await expect(failing).rejects.toThrow('rolled back')
    await ledger().exclusive(eventId, async () => undefined)
    expect((await linesOf(eventId)).map(({ kind }) => kind)).toEqual(['STARTED'])
    await ledger().exclusive(eventId, (locked) => locked.record([entry(`${eventId}:a`, 0)]))
    expect((await linesOf(eventId)).map(({ n }) => n)).toEqual([1, 2])
  })

  it('joins a transaction that is open already', async () => {
    const [{ eventId }, other] = [await openEvent(), await openEvent()]
    await bench.stores.ledger.locked(eventId, async (transaction: DatabaseTransaction) => {
      await ledger().join(transaction, other.eventId, async (locked) =>
        locked.prove({ kind: 'CHANNEL_DETACHED', channel: 'chn_1' }),
      )
      expect(await bench.stores.ledger.lastProofLine(other.eventId)).toBeNull()
    })
    expect(await bench.stores.ledger.lastProofLine(other.eventId)).toMatchObject({ position: 2 })
    expect(await bench.stores.ledger.lastProofLine(eventId)).toBeNull()
  })

  it('orders concurrent transactions without a gap', async () => {
    const { eventId } = await openEvent()
    const add = (write: number) =>
      ledger().exclusive(eventId, async (locked) =>
        locked.prove({ kind: 'CAP_WRITE', channel: 'chn_1', write, cap: 1, mode: 'OPEN' }),
      )
    await Promise.all(Array.from({ length: 12 }, (_, index) => add(index)))
    const lines = await linesOf(eventId)
    expect(lines.map(({ n }) => n)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1))
    const times = lines.map(({ at }) => String(at))
    expect(times).toEqual(times.toSorted())
  })

  it('is read in pages', async () => {
    const { eventId } = await openEvent()
    for (const write of [1, 2, 3]) {
      await ledger().exclusive(eventId, async (locked) =>
        locked.prove({ kind: 'CAP_WRITE', channel: 'chn_1', write, cap: 1, mode: 'OPEN' }),
      )
    }
    const { ledger: store } = bench.stores
    expect((await store.proofAfter(eventId, 1, 2)).map(({ position }) => position)).toEqual([2, 3])
    expect(await store.proofAfter(eventId, 4, 2)).toEqual([])
  })
})
