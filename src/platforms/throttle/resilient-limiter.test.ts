import { beforeEach, describe, expect, it } from 'vitest'
import { ownMemory, type SharedMemory } from '../../infrastructure/shared-memory.js'
import type { Clock } from '../../infrastructure/time/clock.js'
import { bucketOf } from './budget.js'
import { CLAIM_MS } from './claim.js'
import type { Budget } from './limiter.js'
import { MemoryLimiterState, MemorySharedLimiter } from './memory-shared-limiter.js'
import { ResilientLimiter } from './resilient-limiter.js'

const BUDGET: Budget = { bucket: 'meetup', limit: 150, windowSeconds: 60, reserve: 0.2, burst: 150 }
/** Longer than Redis is left alone after a failure. */
const PROBED_MS = 1_100

let now = 1_000_000
const clock: Clock = { now: () => new Date(now), monotonicMs: () => now }

let memory: SharedMemory<MemoryLimiterState>
let isDown: boolean
let spent: number[]

beforeEach(() => {
  memory = ownMemory(new MemoryLimiterState(clock))
  isDown = false
  spent = []
})

function connect(): ResilientLimiter {
  const write: typeof memory.write = (command) =>
    isDown ? Promise.reject(new Error('Redis is unavailable')) : memory.write(command)
  const redis = new MemorySharedLimiter({ ...memory, write }, clock)
  return new ResilientLimiter({ redis, clock, liveInstances: () => 2, log: () => undefined })
}

/** A process that knows the shared bucket, which is empty. */
async function settled(): Promise<ResilientLimiter> {
  const limiter = connect()
  await limiter.observe(BUDGET, { used: 0, limit: BUDGET.limit, resetInMs: 60_000 })
  now += 60_000
  await limiter.refresh(BUDGET)
  return limiter
}

async function spendAll(limiter: ResilientLimiter, forMs = 0): Promise<void> {
  for (const end = now + forMs; now <= end; now += 100)
    while ((await limiter.acquire(BUDGET, 1, 'protect')).granted) spent.push(now)
}

function worstWindow(): number {
  return Math.max(...spent.map((from) => spent.filter((at) => at >= from && at - from < 60_000).length))
}

/** Two processes lose Redis; one has the whole budget and spends what it may at once. */
async function outage(): Promise<{ holder: ResilientLimiter; other: ResilientLimiter }> {
  const [holder, other] = [await settled(), await settled()]
  await holder.refresh(BUDGET)
  isDown = true
  await Promise.all([holder.refresh(BUDGET), other.refresh(BUDGET)])
  holder.claim('whole', CLAIM_MS)
  other.claim('none', CLAIM_MS)
  await spendAll(holder)
  expect(spent.length).toBeGreaterThan(bucketOf(BUDGET).burst / 2)
  now += PROBED_MS
  return { holder, other }
}

describe('The budget that another process had as a whole, and has not reported,', () => {
  it('counts as spent once Redis is available again', async () => {
    const { other } = await outage()
    isDown = false
    await spendAll(other, 60_000)
    expect(other.degraded).toBe(false)
    expect(worstWindow()).toBeLessThanOrEqual(BUDGET.limit)
  })

  it('counts as spent when this process takes the claim over', async () => {
    const { other } = await outage()
    other.claim('whole', CLAIM_MS)
    await spendAll(other, 30_000)
    isDown = false
    await spendAll(other, 30_000)
    expect(other.degraded).toBe(false)
    expect(worstWindow()).toBeLessThanOrEqual(BUDGET.limit)
  })

  it.each([
    ['saw it lead', (other: ResilientLimiter) => other.claim('none', CLAIM_MS)],
    ['found its record', (other: ResilientLimiter) => other.noteClaimElsewhere()],
  ])('counts as spent where this process %s before it lost Redis itself', async (_how, learn) => {
    const [holder, other] = [await settled(), await settled()]
    await holder.refresh(BUDGET)
    learn(other)
    isDown = true
    await holder.refresh(BUDGET)
    holder.claim('whole', CLAIM_MS)
    await spendAll(holder)
    other.claim('whole', CLAIM_MS)
    await other.refresh(BUDGET)
    await spendAll(other, CLAIM_MS)
    expect(other.degraded).toBe(true)
    expect(worstWindow()).toBeLessThanOrEqual(BUDGET.limit)
  })

  it.each([CLAIM_MS - 1_000, 30_000])('is not spent again by that process after a pause of %i ms', async (pauseMs) => {
    const { holder, other } = await outage()
    const spendAsHolder = async (forMs: number) => {
      for (const end = now + forMs; now < end; now += 1_000) {
        other.claim('whole', CLAIM_MS)
        await spendAll(other)
      }
    }
    await spendAsHolder(pauseMs)
    // Its next turn, in which it learns of the other one, comes after what waits already.
    await spendAll(holder)
    holder.claim('none', CLAIM_MS)
    await spendAsHolder(60_000)
    expect(worstWindow()).toBeLessThanOrEqual(BUDGET.limit)
  })

  it('counts as spent by a process that started during the outage', async () => {
    await outage()
    const started = connect()
    await started.refresh(BUDGET)
    started.claim('whole', CLAIM_MS)
    now += PROBED_MS
    isDown = false
    await spendAll(started, 60_000)
    expect(started.degraded).toBe(false)
    expect(worstWindow()).toBeLessThanOrEqual(BUDGET.limit)
  })

  it('counts as spent only once when it is reported, or until the platform reports its own count', async () => {
    const { holder, other } = await outage()
    isDown = false
    await other.refresh(BUDGET)
    await holder.refresh(BUDGET)
    const { burst, rate } = bucketOf(BUDGET)
    expect(await other.peek(BUDGET, 'protect')).toBeLessThanOrEqual(Math.ceil(1 / rate))
    await other.observe(BUDGET, { used: spent.length, limit: BUDGET.limit, resetInMs: 1 })
    const before = spent.length
    await spendAll(other)
    expect(spent.length).toBeLessThanOrEqual(burst + PROBED_MS * rate)
    expect(spent.length).toBeGreaterThan(before)
  })
})
