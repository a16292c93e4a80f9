import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryDatabase } from '../../../src/adapters/memory/memory-database.js'
import { MemoryTransactions } from '../../../src/adapters/memory/transactions.js'
import { PrismaTransactions } from '../../../src/adapters/prisma/transactions.js'
import { PrismaClient } from '../../../src/generated/prisma/client.js'
import type { Config } from '../../../src/infrastructure/config/config.js'
import { isDatabaseOutage } from '../../../src/infrastructure/errors/database-outage.js'
import { ServiceState } from '../../../src/infrastructure/instances/service-state.js'
import { AdvisoryLocks } from '../../../src/infrastructure/locks/advisory-locks.js'
import type { Locks } from '../../../src/infrastructure/locks/locks.js'
import { LockRegistry, MemoryLocks } from '../../../src/infrastructure/locks/memory-locks.js'
import { SystemClock, SystemTimers } from '../../../src/infrastructure/time/system-time.js'
import type { DatabaseTransaction } from '../../../src/infrastructure/transaction.js'
import type { Transactions } from '../../../src/infrastructure/transactions.js'
import { createTestDatabase } from '../../support/servers/database.js'

const TIMEOUT_MS = 5_000
const held = () => Promise.resolve('held')

/** A promise, and the function that resolves it. */
function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}

function suite(transactions: () => Transactions, locks: () => Locks): void {
  const locked = (names: string[], work: () => Promise<unknown>, timeoutMs = TIMEOUT_MS) =>
    transactions().run(async (transaction) => {
      await transactions().lock(transaction, names, timeoutMs)
      return work()
    })

  it('return the result of their work, and reject with its error', async () => {
    const kinds: DatabaseTransaction[] = []
    expect(await transactions().run(async (transaction) => kinds.push(transaction))).toBe(1)
    await expect(transactions().run(() => Promise.reject(new Error('own error')))).rejects.toThrow('own error')
  })

  it('keep a lock until they end, also from the work of a process, and release it after an error', async () => {
    const work = gate()
    const log: string[] = []
    const first = locked(['keep'], async () => {
      log.push('first starts')
      await work.opened
      log.push('first ends')
    })
    await expect.poll(() => log).toEqual(['first starts'])
    expect(await locks().tryWith('keep', held)).toBeNull()
    const second = locked(['keep'], () => Promise.reject(new Error(`second after ${log.join(', ')}`)))
    // Handled from here on: it may reject before the first one has returned.
    const rejection = expect(second).rejects.toThrow('second after first starts, third, first ends')
    const third = locked(['another'], async () => void log.push('third'))
    await third
    work.open()
    await first
    await rejection
    expect(await locks().tryWith('keep', held)).toBe('held')
  })

  it('wait for the work of a process that holds a lock', async () => {
    const work = gate()
    const log: string[] = []
    const writing = locks().tryWith('channel:1', async () => {
      log.push('write starts')
      await work.opened
      log.push('write ends')
    })
    await expect.poll(() => log).toEqual(['write starts'])
    const waiting = locked(['channel:1'], async () => void log.push('transaction'))
    expect(await locks().tryWith('channel:1', held)).toBeNull()
    work.open()
    await Promise.all([writing, waiting])
    expect(log).toEqual(['write starts', 'write ends', 'transaction'])
  })

  it('do not wait for themselves, nor deadlock with one that locks the same names in another order', async () => {
    const both = (names: string[]) => locked(names, () => Promise.resolve(names.length))
    const results = await Promise.all([both(['a', 'b', 'a']), both(['b', 'a']), both(['a', 'b']), both(['b'])])
    expect(results).toEqual([3, 2, 2, 1])
    const twice = transactions().run(async (transaction) => {
      await transactions().lock(transaction, ['a'], TIMEOUT_MS)
      await transactions().lock(transaction, ['a', 'b'], TIMEOUT_MS)
    })
    await expect(twice).resolves.toBeUndefined()
  })

  it('take free locks without waiting, keep them until they end, and are refused one that is held', async () => {
    const tried = (names: string[], work: () => Promise<unknown> = held) =>
      transactions().run(async (transaction) => [await transactions().tryLock(transaction, names), await work()])
    const withoutWaiting = await tried(['free', 'own', 'free'], async () => [
      await locks().tryWith('own', held),
      await tried(['own']),
      await tried(['another']),
    ])
    expect(withoutWaiting).toEqual([true, [null, [false, 'held'], [true, 'held']]])
    expect(await locks().tryWith('own', () => tried(['own']))).toEqual([false, 'held'])
    expect(await tried(['own'])).toEqual([true, 'held'])
    const twice = transactions().run(async (transaction) => {
      await transactions().lock(transaction, ['own'], TIMEOUT_MS)
      return transactions().tryLock(transaction, ['own'])
    })
    expect(await twice).toBe(true)
  })

  it('are refused a lock after the timeout, as the database is busy', async () => {
    const refused = await locks().tryWith('busy', () =>
      locked(['busy'], held, 100).then(
        () => null,
        (error: unknown) => error,
      ),
    )
    expect(isDatabaseOutage(refused)).toBe(true)
    expect(await locked(['busy'], held)).toBe('held')
  })
}

describe('Transactions on PostgreSQL', () => {
  let prisma: PrismaClient
  let locks: AdvisoryLocks
  let drop: () => Promise<void>
  beforeAll(async () => {
    const database = await createTestDatabase()
    drop = () => database.drop()
    prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 8 }) })
    locks = new AdvisoryLocks({ databaseUrl: database.url } as Config, new ServiceState())
  })
  afterAll(async () => {
    await locks?.onApplicationShutdown()
    await prisma?.$disconnect()
    await drop?.()
  })
  suite(
    () => new PrismaTransactions(prisma),
    () => locks,
  )
})

describe('Transactions in memory', () => {
  const registry = new LockRegistry()
  const database = new MemoryDatabase(new SystemClock(), new SystemTimers(), registry)
  suite(
    () => new MemoryTransactions(database),
    () => new MemoryLocks(new ServiceState(), registry),
  )

  it('keep their locks when those of processes are lost, and get the ones they wait for', async () => {
    const transactions = new MemoryTransactions(database)
    const work = gate()
    let lost = false
    const process = new MemoryLocks(new ServiceState(), registry)
    const writing = process.tryWith('channel:2', async (signal) => {
      await work.opened
      lost = signal.aborted
    })
    const claim = transactions.run(async (transaction) => {
      await transactions.lock(transaction, ['channel:2'], TIMEOUT_MS)
      registry.loseAll()
      work.open()
      await writing
      return process.tryWith('channel:2', held)
    })
    registry.loseAll()
    expect(await claim).toBeNull()
    expect(lost).toBe(true)
    expect(await process.tryWith('channel:2', held)).toBe('held')
  })
})
