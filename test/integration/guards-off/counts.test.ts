import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { StateConflict } from '../../../src/domain/errors.js'
import { applyPostings } from '../../../src/domain/stock/posting.js'
import { ListingClaims } from '../../../src/events/listing-claims.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { clientOf } from '../../../src/infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../src/infrastructure/transaction.js'
import type { ObservedOrder } from '../../../src/orders/observed-order.js'
import { openCapBench, type CapBench } from '../../support/fixtures/cap-bench.js'
import { channelIdOf, requestOf } from '../../support/fixtures/stock.js'
import { possibleOversell, withMembers, recordSales, withAndWithout } from '../../support/fixtures/guards-off.js'
import { environmentConnectionId } from '../../../src/domain/connection-record.js'

// Behaves as usual until a test switches it off.
vi.mock('../../../src/domain/stock/posting.js', { spy: true })

let bench: CapBench
let eventId: string

beforeAll(async () => {
  bench = await openCapBench()
}, 60_000)
afterAll(() => bench?.close())
afterEach(() => {
  vi.restoreAllMocks()
  vi.resetAllMocks()
})

describe('Units that a transaction took from the gate without a commit', () => {
  const observed = (orderId: string): ObservedOrder => {
    const tickets = [{ ticketId: `${orderId}-t`, live: true, ticketClassId: null }]
    const order = { orderId, externalEventId: 'x', version: '2026-11-01T10:00:00.000Z', tickets }
    return {
      channelId: channelIdOf(eventId, 'LUMA'),
      platform: 'LUMA',
      snapshot: { ...order, complete: true, buyer: null, placedAt: null },
      ticketClassId: null,
    }
  }
  const five = () => ['a', 'b', 'c', 'd', 'e'].map(observed)
  const guards = {
    'the transaction voids its operations': () => {
      vi.spyOn(bench.stock.stock as unknown as { voidTaken(): Promise<void> }, 'voidTaken').mockResolvedValue()
    },
    'the transaction checks the locked balances': () => {
      const anyExcess = { from: 'OVERSOLD', to: 'SOLD:LUMA', quantity: Infinity } as const
      vi.mocked(applyPostings).mockImplementation((balances) => ({ balances, movements: [anyExcess] }))
    },
  }
  type Guard = keyof typeof guards

  async function openSmallEvent(): Promise<void> {
    eventId = await bench.stock.openEvent(7, 2, ['LUMA'])
    await bench.stock.rebuilder.rebuild(eventId, 'recovery')
  }
  async function freeBalances() {
    const { UNALLOCATED, OVERSOLD } = await bench.balances(eventId)
    return { UNALLOCATED, OVERSOLD }
  }
  const none = { UNALLOCATED: 0, OVERSOLD: 0 }

  const allUnits = { quantity: 7, sources: ['UNALLOCATED', 'SAFETY'] as const, destination: 'HELD' as const }
  const oversold = { UNALLOCATED: 5, OVERSOLD: -5 }

  it.each(Object.keys(guards) as Guard[])(
    'are used by the next transaction after a rollback if only %s; otherwise five free units are oversold',
    async (guard) => {
      for (const other of Object.keys(guards) as Guard[]) if (other !== guard) guards[other]()
      const rolledBack = async () => {
        await openSmallEvent()
        const failing = bench.stock.stock.transact(eventId, async (tx) => {
          await tx.post(requestOf(allUnits))
          throw new Error('a seat is taken')
        })
        await expect(failing).rejects.toThrow('a seat is taken')
        await bench.stock.orders.apply(eventId, five())
        return freeBalances()
      }
      expect(await withAndWithout(bench, rolledBack, guards[guard])).toEqual({ guarded: none, off: oversold })
    },
  )

  it('are taken under a new operation id after a void; without the lookup of voided ids every retry fails', async () => {
    const voided = async () => {
      await openSmallEvent()
      const { epoch } = await bench.stock.ledger.read(eventId)
      await bench.stock.ledger.void(eventId, {
        operationId: `${eventId}:${channelIdOf(eventId, 'LUMA')}:c:r1:1`,
        epoch,
        seq: 1_000,
      })
      return bench.stock.orders.apply(eventId, five()).then(freeBalances, ({ name }: Error) => name)
    }
    const off = () => {
      const { ledger } = bench.stock
      const exclusive = ledger.exclusive.bind(ledger)
      vi.spyOn(ledger, 'exclusive').mockImplementation((id, work) =>
        exclusive(id, (locked) => work(Object.assign(locked, { find: () => Promise.resolve(new Map()) }))),
      )
    }
    expect(await withAndWithout(bench, voided, off)).toEqual({ guarded: none, off: 'GateSyncFailed' })
  })

  it('are found in the ledger after a crash; without the check of the locked balances five free units are oversold', async () => {
    const crashed = async () => {
      await openSmallEvent()
      await bench.stock.gate.take(eventId, { operationId: newId('op'), postings: [allUnits] })
      await bench.stock.orders.apply(eventId, five())
      return freeBalances()
    }
    const off = guards['the transaction checks the locked balances']
    expect(await withAndWithout(bench, crashed, off)).toEqual({ guarded: none, off: oversold })
  })
})

describe('A listing that two events claim', () => {
  const listing = () => ({ platform: 'LUMA' as const, externalEventId: newId('lst') })

  it('is refused to the second event; without the check both sell it and each ticket counts twice', async () => {
    let checked = true
    const secondEvent = async () => {
      eventId = await bench.stock.openEvent(300, 30)
      const shared = listing()
      bench.listings.LUMA.cap = 200
      const first = await bench.channel(eventId, 'LUMA', { ...shared, confirmedCap: 200, desiredCap: 200 })
      await bench.writes.follow(eventId)
      const second = await bench.stock.openEvent(40, 4)
      const { channels, transactions } = bench.stores
      const claims = new ListingClaims(channels, transactions, bench.stock.ledger)
      const claim = (transaction: DatabaseTransaction) =>
        claims.claim(transaction, second, checked ? [shared] : [], new Date())
      const refusal: unknown = await transactions.run(claim).catch((error: unknown) => error)
      const fields = { ...shared, confirmedCap: 200, desiredCap: 36 }
      const other = refusal instanceof StateConflict ? null : await bench.channel(second, 'LUMA', fields)
      if (other) await bench.sync(other)
      await bench.setDesired(first, { desiredCap: 210 })
      await bench.sync(first)
      for (const channel of [first, ...(other ? [other] : [])]) await recordSales(bench, channel, 'order', 20)
      const counted = (await bench.soldOf(eventId, 'LUMA')) + (await bench.soldOf(second, 'LUMA'))
      return { possibleOversell: await possibleOversell(bench, second), counted }
    }
    expect(await withAndWithout(bench, secondEvent, () => void (checked = false))).toEqual({
      guarded: { possibleOversell: -36, counted: 20 },
      off: { possibleOversell: 174, counted: 40 },
    })
  })

  it('is assigned to one of two concurrent claims; without the claim lock to both', async () => {
    let lock: object = {}
    const atOnce = async () => {
      const shared = listing()
      const { channels, transactions } = bench.stores
      const claims = new ListingClaims(channels, withMembers(transactions, lock), bench.stock.ledger)
      const claim = (id: string) =>
        transactions.run(async (transaction) => {
          await claims.claim(transaction, id, [shared], new Date())
          await sleep(300)
          await clientOf(transaction).channel.create({
            data: { id: newId('chn'), eventId: id, connectionId: environmentConnectionId('LUMA'), ...shared },
          })
        })
      const ids = [await bench.stock.openEvent(10), await bench.stock.openEvent(10)]
      await Promise.allSettled(ids.map(claim))
      return bench.prisma.channel.count({ where: { ...shared, detachedAt: null } })
    }
    const unlocked = { lock: () => Promise.resolve() }
    expect(await withAndWithout(bench, atOnce, () => void (lock = unlocked))).toEqual({ guarded: 1, off: 2 })
  })
})
