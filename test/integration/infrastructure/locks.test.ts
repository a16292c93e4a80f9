import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Config } from '../../../src/infrastructure/config/config.js'
import { ServiceState } from '../../../src/infrastructure/instances/service-state.js'
import { AdvisoryLocks } from '../../../src/infrastructure/locks/advisory-locks.js'
import type { Locks } from '../../../src/infrastructure/locks/locks.js'
import { LockRegistry, MemoryLocks } from '../../../src/infrastructure/locks/memory-locks.js'
import { createTestDatabase, type TestDatabase } from '../../support/servers/database.js'

interface Process {
  locks: Locks
  state: ServiceState
}

let database: TestDatabase
const advisory: (Process & { locks: AdvisoryLocks })[] = []
const registry = new LockRegistry()

beforeAll(async () => {
  database = await createTestDatabase()
  for (const state of [new ServiceState(), new ServiceState()]) {
    advisory.push({ state, locks: new AdvisoryLocks({ databaseUrl: database.url } as Config, state) })
  }
})
afterAll(async () => {
  await Promise.all(advisory.map(({ locks }) => locks.onApplicationShutdown()))
  await database?.drop()
})

const onPostgres = () => advisory
const inMemory = () => [new ServiceState(), new ServiceState()].map(inMemoryProcess)
const inMemoryProcess = (state: ServiceState) => ({ state, locks: new MemoryLocks(state, registry) })

/** Ends the connections that hold a lock, and waits until PostgreSQL has released it. */
async function terminateHolders(): Promise<void> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  await client.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_locks JOIN pg_database d ON d.oid = database
     WHERE locktype = 'advisory' AND d.datname = current_database()`,
  )
  await client.end()
}

const held = () => Promise.resolve('held')

/** One suite for both: what it asserts holds in memory as it does on PostgreSQL. */
describe.each<[string, () => Process[], () => Promise<void>]>([
  ['on PostgreSQL', onPostgres, terminateHolders],
  ['in memory', inMemory, () => Promise.resolve(registry.loseAll())],
])('Locks %s', (_name, processes, loseAll) => {
  const pair = () => processes() as [Process, Process]

  it('return the result of the work, or null at once while a process holds the lock', async () => {
    const [one, other] = pair()
    const result = await one.locks.tryWith('sync', async () => {
      expect(await other.locks.tryWith('sync', held)).toBeNull()
      // Also to other work of the process that holds it, and to a leader.
      expect(await one.locks.tryWith('sync', held)).toBeNull()
      expect(await other.locks.tryLead('sync', held)).toBeNull()
      return 'done'
    })
    expect(result).toBe('done')
  })

  it('run the work of one of many callers at a time', async () => {
    const [one, other] = pair()
    let running = 0
    const work = async () => {
      expect(++running).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 20))
      running -= 1
      return true
    }
    const callers = Array.from({ length: 10 }, (_, index) => (index % 2 ? one : other).locks.tryWith('rush', work))
    expect((await Promise.all(callers)).filter((result) => result !== null).length).toBeGreaterThanOrEqual(1)
  })

  it('are released after success and after an error, which the caller receives', async () => {
    const [one, other] = pair()
    expect(await one.locks.tryWith('sync', held)).toBe('held')
    const failing = () => Promise.reject(new Error('own error'))
    await expect(other.locks.tryWith('sync', failing)).rejects.toThrow('own error')
    await expect(other.locks.tryLead('sync', failing)).rejects.toThrow('own error')
    expect(await one.locks.tryWith('sync', held)).toBe('held')
  })

  it('of other names are independent', async () => {
    const [one, other] = pair()
    const nested = () => one.locks.tryLead('sync:3', held)
    const second = () => other.locks.tryWith('sync:2', nested)
    expect(await one.locks.tryWith('sync:1', second)).toBe('held')
  })

  it('abort the signal of work whose lock is lost, and can then be taken by another process', async () => {
    const [one, other] = pair()
    const result = await one.locks.tryWith('sync', async (lost) => {
      expect(lost.aborted).toBe(false)
      await loseAll()
      await expect.poll(() => lost.aborted).toBe(true)
      expect(lost.reason).toBeInstanceOf(Error)
      return 'continued'
    })
    expect(result).toBe('continued')
    expect(await other.locks.tryWith('sync', held)).toBe('held')
    expect(await one.locks.tryWith('sync', held)).toBe('held')
  })

  it('stay with their new holder when the work that lost them ends', async () => {
    const [one, other] = pair()
    let endFirst: () => void = () => undefined
    const ended = new Promise<void>((resolve) => (endFirst = resolve))
    const signals: AbortSignal[] = []
    const first = one.locks.tryWith('sync', async (lost) => {
      signals.push(lost)
      await ended
    })
    await expect.poll(() => signals.length).toBe(1)
    await loseAll()
    await expect.poll(() => signals[0]?.aborted).toBe(true)
    const second = await other.locks.tryWith('sync', async (lost) => {
      endFirst()
      await first
      expect(await one.locks.tryWith('sync', held)).toBeNull()
      return lost.aborted
    })
    expect(second).toBe(false)
  })

  it('are not given to a process that is out of service, and not taken from one that becomes so', async () => {
    const [one, other] = pair()
    one.state.takeOut('no connection to Redis')
    expect(await one.locks.tryWith('sync', held)).toBeNull()
    expect(await one.locks.tryLead('sync', held)).toBeNull()
    expect(await other.locks.tryWith('sync', held)).toBe('held')
    one.state.takeOut(null)
    const kept = await one.locks.tryWith('sync', async (lost) => {
      one.state.takeOut('no connection to Redis')
      expect(await other.locks.tryWith('sync', held)).toBeNull()
      return lost.aborted
    })
    one.state.takeOut(null)
    expect(kept).toBe(false)
  })
})

describe('A shutdown', () => {
  const create = () => new AdvisoryLocks({ databaseUrl: database.url } as Config, new ServiceState())

  it('does not wait for work that does not end, and leaves it its lock', async () => {
    const [stopping, other] = [create(), create()]
    onTestFinished(() => other.onApplicationShutdown())
    let started = false
    let end: () => void = () => undefined
    const ended = new Promise<void>((resolve) => (end = resolve))
    const work = stopping.tryWith('endless', async () => {
      started = true
      await ended
    })
    await expect.poll(() => started).toBe(true)
    await stopping.onApplicationShutdown()
    expect(await other.tryWith('endless', held)).toBeNull()
    end()
    await work
    await expect.poll(() => other.tryWith('endless', held)).toBe('held')
  })
})
