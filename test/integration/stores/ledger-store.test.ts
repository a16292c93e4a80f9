import { describe, expect, it } from 'vitest'
import { emptyBalances, type LedgerAccount } from '../../../src/domain/stock/ledger-account.js'
import type { Movement } from '../../../src/domain/stock/posting.js'
import { newId } from '../../../src/infrastructure/ids.js'
import {
  EventUnknown,
  type MovementFilter,
  type NewOperation,
  type NewRecords,
} from '../../../src/stock/ledger-store.js'
import { EMPTY_CHAIN } from '../../../src/stock/proof/proof-chain.js'
import { nonEmpty } from '../../support/fixtures/balances.js'
import { describeStores, eventRow } from '../../support/fixtures/store-bench.js'

const opening: Movement[] = [{ from: 'CAPACITY', to: 'UNALLOCATED', quantity: 10 }]
const operation = (operationId: string, seq: number, movements = opening): NewOperation => {
  return { operationId, epoch: 1, seq, reason: 'test', actor: null, movements }
}

describeStores('The ledger store', (bench) => {
  const openEvent = async () => {
    const event = eventRow()
    await bench.insert('events', event)
    await bench.insert('ledgers', { eventId: event.id, epoch: 1 })
    return event.id
  }
  const open = async (eventId: string) => {
    const operationId = `${eventId}:opening`
    await bench.stores.ledger.locked(eventId, async (transaction) => {
      await bench.stores.ledger.append(transaction, eventId, [operation(operationId, 0)])
      await bench.stores.ledger.writeBalances(transaction, eventId, [
        { account: 'CAPACITY', units: -10 },
        { account: 'UNALLOCATED', units: 10 },
      ])
    })
    return operationId
  }

  const soldOutSince = async (eventId: string) =>
    (await bench.rows('ledgers', { eventId })).map((ledger) => ledger.soldOutSince ?? null)[0]

  it('rejects an event without a ledger', async () => {
    const { ledger } = bench.stores
    await expect(ledger.read('evt_unknown')).rejects.toThrow(EventUnknown)
    await expect(ledger.locked('evt_unknown', async () => undefined)).rejects.toThrow(EventUnknown)
  })

  it('creates a ledger with epoch 1 and no units', async () => {
    const event = eventRow()
    await bench.insert('events', event)
    const other = await openEvent()
    await bench.stores.ledger.locked(other, (transaction) => bench.stores.ledger.create(transaction, event.id))
    expect(await bench.stores.ledger.read(event.id)).toEqual({ epoch: 1, balances: emptyBalances() })
  })

  it('shows the changes of a transaction to itself at once and to others when it commits', async () => {
    const eventId = await openEvent()
    const { ledger } = bench.stores
    await ledger.locked(eventId, async (transaction) => {
      await ledger.append(transaction, eventId, [operation(`${eventId}:a`, 0)])
      await ledger.writeEpoch(transaction, eventId, 4)
      expect([...(await ledger.movementsOf(transaction, [`${eventId}:a`]))]).toEqual([[`${eventId}:a`, opening]])
      expect(await ledger.committed([`${eventId}:a`])).toEqual(new Set())
      expect((await ledger.read(eventId)).epoch).toBe(1)
    })
    expect(await ledger.committed([`${eventId}:a`, 'another'])).toEqual(new Set([`${eventId}:a`]))
    expect((await ledger.read(eventId)).epoch).toBe(4)
  })

  it('writes nothing of a transaction that throws', async () => {
    const eventId = await openEvent()
    const { ledger } = bench.stores
    const failing = ledger.locked(eventId, async (transaction) => {
      await ledger.append(transaction, eventId, [operation(`${eventId}:a`, 0)])
      await ledger.writeEpoch(transaction, eventId, 4)
      throw new Error('rolled back')
    })
    await expect(failing).rejects.toThrow('rolled back')
    expect(await ledger.committed([`${eventId}:a`])).toEqual(new Set())
    expect((await ledger.read(eventId)).epoch).toBe(1)
    expect(await bench.rows('movements', { eventId })).toEqual([])
  })

  it('locks one event for one transaction at a time, in the order of the requests', async () => {
    const [eventId, other] = [await openEvent(), await openEvent()]
    const { ledger } = bench.stores
    const log: string[] = []
    let finish: () => void = () => undefined
    const first = ledger.locked(eventId, async () => {
      log.push('first starts')
      await new Promise<void>((resolve) => (finish = resolve))
      log.push('first ends')
    })
    await expect.poll(() => log).toEqual(['first starts'])
    const second = ledger.locked(eventId, async () => void log.push('second'))
    await ledger.locked(other, async () => void log.push('other event'))
    expect(log).toEqual(['first starts', 'other event'])
    finish()
    await Promise.all([first, second])
    expect(log).toEqual(['first starts', 'other event', 'first ends', 'second'])
  })

  it('finds operations by id in any event, and by position in this event and epoch', async () => {
    const [eventId, other] = [await openEvent(), await openEvent()]
    const { ledger } = bench.stores
    await ledger.locked(other, (transaction) =>
      ledger.append(transaction, other, [operation(`${other}:a`, 7), operation(`${other}:b`, 8)]),
    )
    await ledger.locked(eventId, async (transaction) => {
      await ledger.append(transaction, eventId, [operation(`${eventId}:a`, 7)])
      const position = { operationId: newId('op'), epoch: 1 }
      const find = (...operations: { operationId: string; epoch: number; seq: number }[]) =>
        ledger.findOperations(transaction, eventId, 1, operations)
      expect(await find({ ...position, seq: 8 })).toEqual([])
      expect(await find()).toEqual([])
      const found = await find({ ...position, seq: 7 }, { ...position, operationId: `${other}:b`, seq: 99 })
      expect(found.map(({ operationId }) => operationId).toSorted()).toEqual([`${eventId}:a`, `${other}:b`].toSorted())
      expect(await ledger.findOperations(transaction, eventId, 2, [{ ...position, seq: 7 }])).toEqual([])
    })
  })

  it('reports voided operations as such and never as committed', async () => {
    const eventId = await openEvent()
    const { ledger } = bench.stores
    const voided = { operationId: `${eventId}:a`, epoch: 1, seq: 3 }
    await ledger.locked(eventId, async (transaction) => {
      await ledger.appendVoided(transaction, eventId, [])
      await ledger.appendVoided(transaction, eventId, [voided])
      expect(await ledger.movementsOf(transaction, [voided.operationId, 'unknown'])).toEqual(
        new Map([[voided.operationId, 'VOIDED']]),
      )
      expect(await ledger.findOperations(transaction, eventId, 1, [voided])).toMatchObject([{ outcome: 'VOIDED' }])
    })
    expect(await ledger.committed([voided.operationId])).toEqual(new Set())
  })

  it('refuses a second operation with the same id or at the same position', async () => {
    const eventId = await openEvent()
    const operationId = await open(eventId)
    const { ledger } = bench.stores
    for (const duplicate of [operation(operationId, 1), operation(`${eventId}:other`, 0)]) {
      const append = ledger.locked(eventId, (transaction) => ledger.append(transaction, eventId, [duplicate]))
      await expect(append).rejects.toThrow()
    }
    expect(await bench.rows('operations', { eventId })).toHaveLength(1)
  })

  it('records operations with their balances, and the first time at which the event is sold out', async () => {
    const eventId = await openEvent()
    await open(eventId)
    const { ledger } = bench.stores
    const held: Movement[] = [{ from: 'UNALLOCATED', to: 'HELD', quantity: 5 }]
    const record = (seqs: number[], units: number, soldOutAt: Date | null) =>
      ledger.locked(eventId, (transaction) =>
        ledger.record(transaction, [
          {
            eventId,
            epoch: 1,
            operations: seqs.map((seq) => operation(`${eventId}:${seq}`, seq, held)),
            balances: [
              { account: 'UNALLOCATED', units: 10 - units },
              { account: 'HELD', units },
            ],
            soldOutAt,
          },
        ]),
      )
    expect(await record([1], 5, null)).toEqual([])
    expect(await soldOutSince(eventId)).toBeNull()
    const [first, later] = [new Date('2030-01-01T10:00:00Z'), new Date('2030-01-01T11:00:00Z')]
    expect(await record([2], 10, first)).toEqual([])
    expect(await record([3, 4], 10, later)).toEqual([])
    expect(await soldOutSince(eventId)).toEqual(first)
    expect(nonEmpty((await ledger.read(eventId)).balances)).toEqual({ CAPACITY: -10, HELD: 10 })
    const ids = [1, 2, 3, 4].map((seq) => `${eventId}:${seq}`)
    await ledger.locked(eventId, async (transaction) => {
      expect(await ledger.movementsOf(transaction, ids)).toEqual(new Map(ids.map((id) => [id, held])))
    })
  })

  it('records nothing when one of the operations or positions is recorded, and returns those', async () => {
    const [eventId, other] = [await openEvent(), await openEvent()]
    const opened = await open(eventId)
    await open(other)
    const { ledger } = bench.stores
    const voided = { operationId: `${eventId}:voided`, epoch: 1, seq: 1 }
    await ledger.locked(eventId, (transaction) => ledger.appendVoided(transaction, eventId, [voided]))
    const soldOutAt = new Date('2030-01-01T10:00:00Z')
    const balances = [
      { account: 'HELD' as const, units: 10 },
      { account: 'UNALLOCATED' as const, units: 0 },
    ]
    const fresh = operation(`${eventId}:fresh`, 7)
    const record = (known: NewOperation) =>
      ledger.locked(eventId, (transaction) =>
        ledger.record(transaction, [{ eventId, epoch: 1, operations: [fresh, known], balances, soldOutAt }]),
      )
    const committed = { operationId: opened, eventId, epoch: 1, seq: 0, outcome: 'COMMITTED' }
    expect(await record(operation(opened, 8))).toMatchObject([committed])
    expect(await record(operation(`${eventId}:another`, 0))).toMatchObject([committed])
    expect(await record(operation(voided.operationId, 8))).toMatchObject([{ ...voided, eventId, outcome: 'VOIDED' }])
    expect(await record(operation(`${other}:opening`, 8))).toMatchObject([{ eventId: other, outcome: 'COMMITTED' }])
    expect(nonEmpty((await ledger.read(eventId)).balances)).toEqual({ CAPACITY: -10, UNALLOCATED: 10 })
    expect(await soldOutSince(eventId)).toBeNull()
    expect(await ledger.committed([fresh.operationId])).toEqual(new Set())
  })

  it('records operations of several events at once, or none of them when one is recorded already', async () => {
    const events = [await openEvent(), await openEvent()]
    for (const eventId of events) await open(eventId)
    const [first = '', second = ''] = events
    const { ledger } = bench.stores
    const soldOutAt = new Date('2030-01-01T10:00:00Z')
    const held: Movement[] = [{ from: 'UNALLOCATED', to: 'HELD', quantity: 10 }]
    const recordsOf = (eventId: string, seq: number): NewRecords => ({
      eventId,
      epoch: 1,
      operations: [operation(`${eventId}:${seq}`, seq, held)],
      balances: [
        { account: 'UNALLOCATED', units: 0 },
        { account: 'HELD', units: 10 },
      ],
      soldOutAt: eventId === first ? soldOutAt : null,
    })
    const record = (...records: NewRecords[]) =>
      ledger.lockedTogether(events, (transaction) => ledger.record(transaction, records))
    const opening = { operationId: `${second}:opening`, eventId: second, epoch: 1, seq: 0 }
    expect(await record(recordsOf(first, 1), recordsOf(second, 0))).toMatchObject([opening])
    for (const eventId of events) expect(nonEmpty((await ledger.read(eventId)).balances)).not.toHaveProperty('HELD')
    // The position of one event is free in the other.
    expect(await record(recordsOf(first, 1), recordsOf(second, 2))).toEqual([])
    for (const eventId of events) {
      expect(nonEmpty((await ledger.read(eventId)).balances)).toEqual({ CAPACITY: -10, HELD: 10 })
    }
    expect([await soldOutSince(first), await soldOutSince(second)]).toEqual([soldOutAt, null])
    expect(await bench.rows('movements', { operationId: `${second}:2` })).toMatchObject([
      { eventId: second, ...held[0] },
    ])
  })

  it('locks the free ones of several ledgers together, without waiting for those that are locked or do not exist', async () => {
    const [locked, free, other] = [await openEvent(), await openEvent(), await openEvent()]
    for (const eventId of [locked, free, other]) await open(eventId)
    const { ledger } = bench.stores
    const requested = [other, locked, 'evt_unknown', free]
    const lockTogether = () => ledger.lockedTogether(requested, async (_, ledgers) => ledgers)
    await ledger.locked(locked, async () => {
      const states = await lockTogether()
      expect([...states.keys()].toSorted()).toEqual([free, other].toSorted())
      expect(states.get(free)).toMatchObject({ epoch: 1, proof: EMPTY_CHAIN, lockedAt: expect.any(Date) })
      expect(states.get(free)?.balances).toMatchObject({ CAPACITY: -10, UNALLOCATED: 10 })
    })
    expect([...(await lockTogether()).keys()].toSorted()).toEqual([locked, free, other].toSorted())
  })

  it('locks several ledgers until the end of their transaction', async () => {
    const events = [await openEvent(), await openEvent()]
    const { ledger } = bench.stores
    const log: string[] = []
    let finish: () => void = () => undefined
    const together = ledger.lockedTogether(events, async (transaction) => {
      for (const eventId of events) await ledger.writeEpoch(transaction, eventId, 7)
      log.push('together starts')
      await new Promise<void>((resolve) => (finish = resolve))
      log.push('together ends')
      throw new Error('rolled back')
    })
    const rolledBack = expect(together).rejects.toThrow('rolled back')
    await expect.poll(() => log).toEqual(['together starts'])
    const waiting = events.map((eventId) =>
      ledger.locked(eventId, async (_, { epoch }) => void log.push(`then, in epoch ${epoch}`)),
    )
    finish()
    await Promise.all([rolledBack, ...waiting])
    expect(log).toEqual(['together starts', 'together ends', 'then, in epoch 1', 'then, in epoch 1'])
  })

  it('appends lines to the proofs of several events at once', async () => {
    const [one, two, none] = [await openEvent(), await openEvent(), await openEvent()]
    const { ledger } = bench.stores
    const hash = (position: number) => String(position).padStart(64, '0')
    const recordedAt = new Date('2030-01-01T10:00:00Z')
    const line = (position: number) => ({ position, hash: hash(position), recordedAt, content: `line ${position}` })
    const proofs = [
      { eventId: one, lines: [line(1), line(2)] },
      { eventId: none, lines: [] },
      { eventId: two, lines: [line(1)] },
    ]
    await ledger.lockedTogether([one, two, none], (transaction) => ledger.appendProofs(transaction, proofs))
    expect(await ledger.proofAfter(one, 0, 9)).toEqual([line(1), line(2)])
    expect(await ledger.proofAfter(two, 0, 9)).toEqual([line(1)])
    await ledger.lockedTogether([one, none], async (_, ledgers) => {
      expect(ledgers.get(one)?.proof).toEqual({ position: 2, hash: hash(2) })
      expect(ledgers.get(none)?.proof).toEqual(EMPTY_CHAIN)
    })
  })

  it('refuses records whose balances are negative or do not sum to zero', async () => {
    const eventId = await openEvent()
    await open(eventId)
    const { ledger } = bench.stores
    const operations = [operation(`${eventId}:a`, 1)]
    for (const units of [-1, 9]) {
      const balances = [{ account: 'UNALLOCATED' as const, units }]
      const record = ledger.locked(eventId, (transaction) =>
        ledger.record(transaction, [{ eventId, epoch: 1, operations, balances, soldOutAt: null }]),
      )
      await expect(record).rejects.toThrow()
    }
    expect(await ledger.committed([`${eventId}:a`])).toEqual(new Set())
  })

  it('shows to a transaction that waited for the lock what was committed in the meantime', async () => {
    const eventId = await openEvent()
    await open(eventId)
    const { ledger } = bench.stores
    // Each adds to what it reads: none may read what was there before the wait.
    const holdOne = () =>
      ledger.locked(eventId, async (transaction, { balances, epoch }) => {
        await ledger.writeBalances(transaction, eventId, [
          { account: 'UNALLOCATED', units: balances.UNALLOCATED - 1 },
          { account: 'HELD', units: balances.HELD + 1 },
        ])
        await ledger.writeEpoch(transaction, eventId, epoch + 1)
      })
    await Promise.all(Array.from({ length: 10 }, holdOne))
    const { epoch, balances } = await ledger.read(eventId)
    expect({ epoch, ...nonEmpty(balances) }).toEqual({ epoch: 11, CAPACITY: -10, HELD: 10 })
  })

  it('upserts accounts, and refuses negative ones and sums other than zero', async () => {
    const eventId = await openEvent()
    await open(eventId)
    const { ledger } = bench.stores
    const write = (...accounts: Parameters<typeof ledger.writeBalances>[2]) =>
      ledger.locked(eventId, (transaction) => ledger.writeBalances(transaction, eventId, accounts))
    await write({ account: 'UNALLOCATED', units: 4 }, { account: 'HELD', units: 6 })
    await expect(write({ account: 'HELD', units: 5 })).rejects.toThrow()
    await expect(write({ account: 'HELD', units: 11 }, { account: 'UNALLOCATED', units: -1 })).rejects.toThrow()
    await expect(write({ account: 'CAPACITY', units: 1 }, { account: 'HELD', units: -5 })).rejects.toThrow()
    await write()
    expect(nonEmpty((await ledger.read(eventId)).balances)).toEqual({ CAPACITY: -10, UNALLOCATED: 4, HELD: 6 })
  })

  it('sums the movements of one event', async () => {
    const [eventId, other] = [await openEvent(), await openEvent()]
    await Promise.all([open(eventId), open(other)])
    const { ledger } = bench.stores
    const sums = await ledger.locked(eventId, async (transaction) => {
      const held: Movement[] = [{ from: 'UNALLOCATED', to: 'HELD', quantity: 3 }]
      await ledger.append(transaction, eventId, [operation(`${eventId}:hold`, 1, held)])
      return ledger.sumOfMovements(transaction, eventId)
    })
    expect(nonEmpty(sums)).toEqual({ CAPACITY: -10, UNALLOCATED: 7, HELD: 3 })
  })

  it('sums the movements of an event with a stored sum of its oldest ones', async () => {
    const [eventId, other] = [await openEvent(), await openEvent()]
    await Promise.all([open(eventId), open(other)])
    const { ledger } = bench.stores
    const hold = (seq: number) =>
      ledger.locked(eventId, (transaction) => {
        const held: Movement[] = [{ from: 'UNALLOCATED', to: 'HELD', quantity: 1 }]
        return ledger.append(transaction, eventId, [operation(`${eventId}:hold ${seq}`, seq, held)])
      })
    const sums = async (id = eventId) =>
      nonEmpty(await ledger.locked(id, (transaction) => ledger.sumOfMovements(transaction, id)))
    for (const seq of [1, 2, 3]) {
      await hold(seq)
      expect(await ledger.advanceCheckpoint(eventId, { min: 2, max: 2 })).toBe(seq % 2 === 1 ? 2 : 0)
      expect(await sums()).toEqual({ CAPACITY: -10, UNALLOCATED: 10 - seq, HELD: seq })
    }
    await Promise.all([1, 2].map(() => ledger.advanceCheckpoint(eventId, { min: 1, max: 100 })))
    expect(await ledger.advanceCheckpoint(eventId, { min: 1, max: 100 })).toBe(0)
    expect(await ledger.advanceCheckpoint('evt_unknown', { min: 1, max: 100 })).toBe(0)
    await hold(4)
    expect(await sums()).toEqual({ CAPACITY: -10, UNALLOCATED: 6, HELD: 4 })
    expect(await sums(other)).toEqual({ CAPACITY: -10, UNALLOCATED: 10 })
  })

  it('adds up the units of the movements that match, including those of the transaction', async () => {
    const [eventId, other] = [await openEvent(), await openEvent()]
    const { ledger } = bench.stores
    const lend = (to: LedgerAccount, quantity: number): Movement => ({ from: 'SAFETY', to, quantity })
    const sales = (id: string) =>
      operation(`${id}:sales`, 1, [lend('SOLD:a', 2), lend('SOLD:b', 3), lend('SOLD:DIRECT', 5)])
    const returned: Movement[] = [
      { from: 'ALLOCATED:a', to: 'SAFETY', quantity: 4 },
      { from: 'UNALLOCATED', to: 'SAFETY', quantity: 7 },
    ]
    await ledger.locked(other, (transaction) => ledger.append(transaction, other, [sales(other)]))
    await ledger.locked(eventId, async (transaction) => {
      await ledger.append(transaction, eventId, [sales(eventId), operation(`${eventId}:return`, 2, returned)])
      const moved = (filter: MovementFilter) => ledger.unitsMoved(transaction, eventId, filter)
      expect(await moved({})).toBe(21)
      expect(await moved({ from: 'SAFETY' })).toBe(10)
      expect(await moved({ from: 'SAFETY', toPlatformSales: true })).toBe(5)
      expect(await moved({ from: 'SAFETY', to: 'SOLD:b' })).toBe(3)
      expect(await moved({ to: 'SAFETY', reason: 'test' })).toBe(11)
      expect(await moved({ to: 'SAFETY', reason: 'another' })).toBe(0)
      expect(await moved({ from: 'HELD' })).toBe(0)
    })
  })

  it('reads committed movements into and out of OVERSOLD, oldest first', async () => {
    const [eventId, other] = [await openEvent(), await openEvent()]
    const { ledger } = bench.stores
    const sold: Movement[] = [
      { from: 'UNALLOCATED', to: 'SOLD:a', quantity: 1 },
      { from: 'OVERSOLD', to: 'SOLD:a', quantity: 2 },
    ]
    const covered: Movement[] = [{ from: 'UNALLOCATED', to: 'OVERSOLD', quantity: 1 }]
    // The order is that of their recording, not of their ids.
    const [first, second] = [`${eventId}:z`, `${eventId}:a`]
    await ledger.locked(eventId, async (transaction) => {
      await ledger.append(transaction, eventId, [operation(first, 0, sold)])
      expect(await ledger.oversoldMovements(eventId)).toEqual([])
    })
    await ledger.locked(eventId, (transaction) =>
      ledger.append(transaction, eventId, [operation(second, 1, covered), operation(`${eventId}:b`, 2, sold)]),
    )
    await ledger.locked(other, (transaction) => ledger.append(transaction, other, [operation(`${other}:a`, 0, sold)]))
    const recordedAt = expect.any(Date) as Date
    expect(await ledger.oversoldMovements(eventId)).toEqual([
      { ...sold[1], operationId: first, recordedAt },
      { ...covered[0], operationId: second, recordedAt },
      { ...sold[1], operationId: `${eventId}:b`, recordedAt },
    ])
  })
})

describe('A transaction of one kind of store', () => {
  it('is refused by the other kind', async () => {
    const { MemoryDatabase } = await import('../../../src/adapters/memory/memory-database.js')
    const { clientOf } = await import('../../../src/infrastructure/prisma/transaction.js')
    const { SystemClock, SystemTimers } = await import('../../../src/infrastructure/time/system-time.js')
    const database = new MemoryDatabase(new SystemClock(), new SystemTimers())
    await database.transaction(async (transaction) => {
      expect(() => clientOf(transaction)).toThrow(TypeError)
    })
  })
})
