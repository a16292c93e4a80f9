import fc from 'fast-check'
import { Redis } from 'ioredis'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyBalances, type Balances } from '../../../src/domain/stock/ledger-account.js'
import type { Posting } from '../../../src/domain/stock/posting.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { ownMemory } from '../../../src/infrastructure/shared-memory.js'
import { SystemClock } from '../../../src/infrastructure/time/system-time.js'
import type { GateState, StockGate } from '../../../src/stock/gate/gate.js'
import { MemoryGateState } from '../../../src/adapters/memory/stock/memory-gate-state.js'
import { MemoryStockGate } from '../../../src/adapters/memory/stock/memory-stock-gate.js'
import { RedisStockGate } from '../../../src/adapters/redis/redis-stock-gate.js'
import { nonEmpty } from '../../support/fixtures/balances.js'
import { sharedRedis } from '../../support/servers/redis.js'

let redis: Redis
let inRedis: StockGate
const inMemory = new MemoryStockGate(ownMemory(new MemoryGateState(new SystemClock())))

beforeAll(async () => {
  redis = new Redis(await sharedRedis())
  inRedis = new RedisStockGate(redis)
})
afterAll(() => redis?.disconnect())

const opening = (units: Partial<Balances>): Balances => ({ ...emptyBalances(), ...units }) as Balances
const comparable = (state: GateState | null) => state && { ...state, balances: nonEmpty(state.balances) }
const hold = (quantity: number): Posting => ({ quantity, sources: ['UNALLOCATED'], destination: 'HELD' })
const sale = (quantity: number): Posting => {
  const sources = ['ALLOCATED:chn_1', 'UNALLOCATED'] as const
  return { quantity, sources, destination: 'SOLD:chn_1', overflow: 'OVERSOLD' }
}
const cancellation = (quantity: number): Posting => {
  return { quantity, sources: ['SOLD:chn_1'], destination: 'ALLOCATED:chn_1', repay: 'OVERSOLD' }
}

/** One suite for both implementations of the port. */
describe.each<[string, () => StockGate]>([
  ['in Redis', () => inRedis],
  ['in memory', () => inMemory],
])('The stock gate %s', (_name, gateOf) => {
  const openEvent = async (units: Partial<Balances>, epoch = 1) => {
    const eventId = newId('evt')
    expect(await gateOf().install(eventId, epoch, opening(units))).toBe(true)
    return eventId
  }

  it('takes nothing of an event that is not loaded', async () => {
    const eventId = newId('evt')
    expect(await gateOf().take(eventId, { operationId: 'a', postings: [hold(1)] })).toEqual({ kind: 'NOT_LOADED' })
    expect(await gateOf().read(eventId)).toBeNull()
    expect(await gateOf().installedEpoch(eventId)).toBe(0)
    expect(await gateOf().pending(eventId, 0, 10)).toEqual([])
  })

  it('applies all postings of an operation or none', async () => {
    const eventId = await openEvent({ UNALLOCATED: 3, CAPACITY: -3 })
    const refused = await gateOf().take(eventId, { operationId: 'a', postings: [hold(2), hold(2)] })
    expect(refused).toEqual({ kind: 'INSUFFICIENT' })
    expect(comparable(await gateOf().read(eventId))).toEqual({
      epoch: 1,
      seq: 0,
      balances: { UNALLOCATED: 3, CAPACITY: -3 },
    })
    const taken = await gateOf().take(eventId, { operationId: 'a', postings: [hold(2), hold(1)] })
    expect(taken).toEqual({
      kind: 'TAKEN',
      epoch: 1,
      seq: 1,
      movements: [
        { from: 'UNALLOCATED', to: 'HELD', quantity: 2 },
        { from: 'UNALLOCATED', to: 'HELD', quantity: 1 },
      ],
    })
  })

  it('returns the first result of a repeated operation, until a new epoch is installed', async () => {
    const eventId = await openEvent({ UNALLOCATED: 3, CAPACITY: -3 })
    const first = await gateOf().take(eventId, { operationId: 'a', postings: [hold(2)] })
    expect(await gateOf().take(eventId, { operationId: 'a', postings: [hold(1)] })).toEqual(first)
    expect(await gateOf().install(eventId, 2, opening({ UNALLOCATED: 3, CAPACITY: -3 }))).toBe(true)
    const again = await gateOf().take(eventId, { operationId: 'a', postings: [hold(1)] })
    expect(again).toMatchObject({ epoch: 2, seq: 1, movements: [{ quantity: 1 }] })
  })

  it('installs only a newer epoch', async () => {
    const eventId = await openEvent({ UNALLOCATED: 3, CAPACITY: -3 }, 5)
    expect(await gateOf().install(eventId, 5, opening({ UNALLOCATED: 9, CAPACITY: -9 }))).toBe(false)
    expect(await gateOf().install(eventId, 4, opening({ UNALLOCATED: 9, CAPACITY: -9 }))).toBe(false)
    expect((await gateOf().read(eventId))?.balances.UNALLOCATED).toBe(3)
    expect(await gateOf().installedEpoch(eventId)).toBe(5)
  })

  it('lists pending operations by age until they are acknowledged', async () => {
    const eventId = await openEvent({ UNALLOCATED: 9, CAPACITY: -9 })
    for (const operationId of ['c', 'a', 'b']) {
      await gateOf().take(eventId, { operationId, postings: [hold(1)] })
      await sleep(3)
    }
    const ids = async (olderThanMs: number, limit = 10) =>
      (await gateOf().pending(eventId, olderThanMs, limit)).map(({ operationId }) => operationId)
    expect(await ids(0)).toEqual(['c', 'a', 'b'])
    expect(await ids(0, 2)).toEqual(['c', 'a'])
    expect(await ids(60_000)).toEqual([])
    const [oldest] = await gateOf().pending(eventId, 0, 1)
    expect(oldest?.taken).toMatchObject({
      epoch: 1,
      seq: 1,
      movements: [{ from: 'UNALLOCATED', to: 'HELD', quantity: 1 }],
    })
    await gateOf().acknowledge(eventId, ['c', 'b', 'unknown'])
    expect(await ids(0)).toEqual(['a'])
  })

  it('reverses an operation once, and only at its position and in its epoch', async () => {
    const eventId = await openEvent({ UNALLOCATED: 9, CAPACITY: -9 })
    await gateOf().take(eventId, { operationId: 'a', postings: [hold(2)] })
    expect(await gateOf().void(eventId, 'a', { epoch: 1, seq: 2 })).toBe(false)
    expect(await gateOf().void(eventId, 'a', { epoch: 2, seq: 1 })).toBe(false)
    expect(await gateOf().void(eventId, 'a', { epoch: 1, seq: 1 })).toBe(true)
    expect(await gateOf().void(eventId, 'a', { epoch: 1, seq: 1 })).toBe(false)
    expect(comparable(await gateOf().read(eventId))).toEqual({
      epoch: 1,
      seq: 1,
      balances: { UNALLOCATED: 9, CAPACITY: -9 },
    })
    expect(await gateOf().pending(eventId, 0, 10)).toEqual([])
  })
})

type Step =
  | { kind: 'take'; operation: number; postings: Posting[] }
  | { kind: 'acknowledge'; operation: number }
  | { kind: 'void'; operation: number }
  | { kind: 'install'; epoch: number }
const operation = fc.nat(5)
const posting = fc
  .integer({ min: 1, max: 4 })
  .chain((quantity) => fc.constantFrom(hold(quantity), sale(quantity), cancellation(quantity)))
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      operation,
      postings: fc.array(posting, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.oneof(
      fc.record({ kind: fc.constant('acknowledge' as const), operation }),
      fc.record({ kind: fc.constant('void' as const), operation }),
    ),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('install' as const), epoch: fc.integer({ min: 1, max: 4 }) }) },
)

/** What a gate returns to each step, and its state at the end. */
async function run(gate: StockGate, steps: readonly Step[]): Promise<unknown[]> {
  const eventId = newId('evt')
  const balances = opening({ UNALLOCATED: 5, 'ALLOCATED:chn_1': 3, CAPACITY: -8 })
  const results: unknown[] = [await gate.install(eventId, 1, balances)]
  const taken = new Map<number, { epoch: number; seq: number }>()
  for (const one of steps) {
    if (one.kind === 'install') results.push(await gate.install(eventId, one.epoch, balances))
    else if (one.kind === 'acknowledge') await gate.acknowledge(eventId, [`op${one.operation}`])
    else if (one.kind === 'void') {
      const position = taken.get(one.operation) ?? { epoch: 1, seq: 1 }
      results.push(await gate.void(eventId, `op${one.operation}`, position))
    } else {
      const result = await gate.take(eventId, { operationId: `op${one.operation}`, postings: one.postings })
      if (result.kind === 'TAKEN') taken.set(one.operation, result)
      results.push(result)
    }
  }
  const pending = (await gate.pending(eventId, 0, 100)).toSorted((a, b) => (a.operationId < b.operationId ? -1 : 1))
  return [...results, pending, comparable(await gate.read(eventId)), await gate.installedEpoch(eventId)]
}

describe('Both stock gates', () => {
  it('return the same to any sequence of steps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        expect(await run(inMemory, steps)).toEqual(await run(inRedis, steps))
      }),
      { numRuns: 300 },
    )
  }, 60_000)
})
