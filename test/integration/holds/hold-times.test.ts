import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryHoldTimes, MemoryHoldTimesState } from '../../../src/adapters/memory/holds/memory-hold-times.js'
import { RedisHoldTimes } from '../../../src/adapters/redis/redis-hold-times.js'
import type { HoldTimes } from '../../../src/holds/hold-times.js'
import { newId } from '../../../src/infrastructure/ids.js'
import { ownMemory } from '../../../src/infrastructure/shared-memory.js'
import { SystemClock } from '../../../src/infrastructure/time/system-time.js'
import { sharedRedis } from '../../support/servers/redis.js'

const TTL_MS = 60_000

let redis: Redis
let inRedis: HoldTimes
const inMemory = new MemoryHoldTimes(ownMemory(new MemoryHoldTimesState(new SystemClock())))

beforeAll(async () => {
  redis = new Redis(await sharedRedis())
  inRedis = new RedisHoldTimes(redis)
})
afterAll(() => redis?.disconnect())

/** One suite for both implementations of the port. */
describe.each<[string, () => HoldTimes]>([
  ['in Redis', () => inRedis],
  ['in memory', () => inMemory],
])('The times of holds %s', (_name, times) => {
  const ended = (...ids: string[]) => ids.map((id) => ({ id, remainingMs: 0 }))

  it('lease those that have ended, in the order of their ends', async () => {
    const [eventId, other] = [newId('evt'), newId('evt')]
    await times().add(eventId, [{ id: 'live', remainingMs: 30_000 }], TTL_MS)
    await times().add(eventId, ended('b', 'a'), TTL_MS)
    await times().add(other, ended('theirs'), TTL_MS)
    expect(await times().leaseDue(eventId, 30_000, 1)).toEqual(['a'])
    expect(await times().leaseDue(eventId, 30_000, 10)).toEqual(['b'])
    expect(await times().leaseDue(eventId, 30_000, 10)).toEqual([])
    expect(await times().leaseDue(newId('evt'), 30_000, 10)).toEqual([])
  })

  it('return a hold again after its lease, unless it was removed', async () => {
    const eventId = newId('evt')
    await times().add(eventId, ended('kept', 'removed'), TTL_MS)
    expect(await times().leaseDue(eventId, 20, 10)).toEqual(['kept', 'removed'])
    await times().remove(eventId, ['removed', 'unknown'])
    await times().remove(eventId, [])
    await expect.poll(() => times().leaseDue(eventId, 20, 10)).toEqual(['kept'])
  })

  it('end at a new time when it is added again, and are lost after the time to live', async () => {
    const eventId = newId('evt')
    await times().add(eventId, ended('hold'), TTL_MS)
    await times().add(eventId, [{ id: 'hold', remainingMs: 30_000 }], TTL_MS)
    expect(await times().leaseDue(eventId, 30_000, 10)).toEqual([])
    await times().add(eventId, ended('hold'), 10)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await times().leaseDue(eventId, 30_000, 10)).toEqual([])
  })
})
