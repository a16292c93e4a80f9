import { expect, it } from 'vitest'
import { isDatabaseOutage } from '../../infrastructure/errors/database-outage.js'
import { VirtualTime } from '../../infrastructure/time/virtual-time.js'
import { MemoryDatabase } from './memory-database.js'
import { UniqueViolation } from './memory-table.js'

function setUp() {
  const time = new VirtualTime()
  return { time, database: new MemoryDatabase(time, time) }
}

/** Stores a value in a transaction that stays open until `end`. */
async function holding(database: MemoryDatabase, key: string, value: unknown) {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  const updatedAt = database.clock.now()
  const done = database.transaction(async (transaction) => {
    await database.storedValues.upsert(transaction, { key, value, updatedAt })
    await ended
  })
  done.catch(() => undefined)
  await Promise.resolve()
  return { end, done }
}
const valueOf = (database: MemoryDatabase, key: string) => database.storedValues.get(null, key)?.value

it('lets a change wait for the transaction that changed the row, and apply to what that leaves', async () => {
  const { database } = setUp()
  const updatedAt = database.clock.now()
  await database.storedValues.insert(null, { key: 'a', value: 1, updatedAt })
  const { end, done } = await holding(database, 'a', 5)
  const increase = database.storedValues.update(null, 'a', ({ value }) => ({ value: Number(value) + 1 }))
  const conditional = database.storedValues.update(null, 'a', { value: 100 }, ({ value }) => value === 1)
  expect(await database.storedValues.update(null, 'a', { value: 9 }, ({ value }) => value === 7)).toBe(false)
  expect(valueOf(database, 'a')).toBe(1)
  end()
  await done
  expect(await increase).toBe(true)
  expect(await conditional).toBe(false)
  expect(valueOf(database, 'a')).toBe(6)
})

it('lets an insert wait for one with the same key in an open transaction', async () => {
  const { database } = setUp()
  const { end, done } = await holding(database, 'a', 1)
  const second = database.storedValues.insert(null, { key: 'a', value: 2, updatedAt: database.clock.now() })
  end()
  await done
  await expect(second).rejects.toThrow(UniqueViolation)
  expect(valueOf(database, 'a')).toBe(1)
})

it('gives up waiting for a row as PostgreSQL does', async () => {
  const { time, database } = setUp()
  const { end, done } = await holding(database, 'a', 1)
  const waiting = database.storedValues.upsert(null, { key: 'a', value: 2, updatedAt: time.now() })
  const error = await time.until(
    waiting.catch((rejected: unknown) => rejected),
    10_000,
  )
  expect(isDatabaseOutage(error)).toBe(true)
  expect(time.monotonicMs()).toBe(5_000)
  end()
  await done
})

it('gives each process connections with an availability of their own', async () => {
  const { database } = setUp()
  const [one, other] = [database.connect(), database.connect()]
  one.setOutage(() => new Error("Can't reach database server"))
  expect(() => one.assertAvailable()).toThrow()
  expect(() => other.assertAvailable()).not.toThrow()
  database.setOutage(() => new Error("Can't reach database server"))
  expect(() => other.assertAvailable()).toThrow()
  database.setOutage(null)
  one.setOutage(null)
  await one.storedValues.insert(null, { key: 'a', value: 1, updatedAt: one.clock.now() })
  expect(valueOf(other, 'a')).toBe(1)
  expect([one.nextId(), other.nextId(), database.nextId()]).toEqual([1n, 2n, 3n])
})

it('rolls back the transactions of a process whose connections end, and releases its locks', async () => {
  const { database } = setUp()
  const [killed, other] = [database.connect(), database.connect()]
  const { end, done } = await holding(killed, 'a', 1)
  const waiting = other.storedValues.upsert(null, { key: 'a', value: 2, updatedAt: other.clock.now() })
  killed.disconnect()
  await waiting
  expect(valueOf(other, 'a')).toBe(2)
  end()
  await expect(done).rejects.toThrow('Connection terminated')
  await expect(killed.transaction(async () => undefined)).rejects.toThrow('Connection terminated')
  expect(valueOf(other, 'a')).toBe(2)
})
