import { Test } from '@nestjs/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SystemClock, SystemRandom, SystemTimers } from '../infrastructure/time/system-time.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import type { ChannelCount } from './channel-count.js'
import type { PlatformTransport } from './http/platform-transport.js'
import { Outbound, RateLimiterPort } from './outbound.js'
import type { Budget, Permit, RateLimitStatus } from './throttle/limiter.js'

class StubLimiter extends RateLimiterPort {
  degraded = false
  redisDown = false
  readonly observed: string[] = []
  override acquire = (): Promise<Permit> => Promise.resolve({ granted: true, reservation: 'r' })
  override peek = (): Promise<number> => Promise.resolve(0)
  override refund = (): Promise<void> => Promise.resolve()
  override block = (): Promise<void> => Promise.resolve()
  override claim = (): void => undefined
  override noteClaimElsewhere = (): void => undefined
  override refresh = (): Promise<void> => {
    this.degraded = this.redisDown
    return Promise.resolve()
  }
  override observe = ({ bucket }: Budget, { used }: RateLimitStatus): Promise<void> => {
    this.observed.push(`${bucket.split(':')[0]} ${used}`)
    return Promise.resolve()
  }
}

const CLIENT = { connectionId: 'con_1', credential: 'k', rateLimit: { limit: 500, windowSeconds: 60 } }

/** `Outbound` after its first refresh, with this number of channels in the database, which may be unavailable; the next refresh. */
async function startOutbound(limiter: StubLimiter, channels: number, database = { down: false }) {
  const total = () => (database.down ? Promise.reject(new Error('unavailable')) : Promise.resolve(channels))
  const count: ChannelCount = { total }
  const [clock, timers, random] = [new SystemClock(), new SystemTimers(), new SystemRandom()]
  const outbound = new Outbound(limiter, clock, new Metrics(), count, timers, random)
  for (const platform of ['LUMA', 'MEETUP'] as const)
    outbound.createClient({ ...CLIENT, platform, connectionId: platform })
  onTestFinished(() => outbound.onApplicationShutdown())
  const refresh = () => outbound.refresh().catch(() => undefined)
  await refresh()
  return refresh
}

describe('Outbound', () => {
  it('reaches the platforms by another transport where one is provided', async () => {
    const requests: unknown[] = []
    const adapter: PlatformTransport['adapter'] = (config) => {
      requests.push(config.url)
      return Promise.resolve({ status: 200, statusText: '', headers: {}, data: Buffer.from('{"a":1}'), config })
    }
    const [clock, timers, random] = [new SystemClock(), new SystemTimers(), new SystemRandom()]
    const count = {} as ChannelCount
    const outbound = new Outbound(new StubLimiter(), clock, new Metrics(), count, timers, random, { adapter })
    onTestFinished(() => outbound.onApplicationShutdown())
    const http = outbound.createClient({ ...CLIENT, platform: 'LUMA' })
    const request = { method: 'GET', url: 'http://luma.simulated/v1', headers: {}, kind: 'read' } as const
    const result = await http.call({ ...request, weight: 1, lane: 'bulk', operation: 'read' })
    expect(result).toMatchObject({ kind: 'RESPONSE', status: 200, json: { a: 1 } })
    expect(requests).toEqual(['http://luma.simulated/v1'])
  })
})

describe('Outbound at a shutdown', () => {
  it('ends waits for budget before the jobs that wait are waited for', async () => {
    const limiter = new StubLimiter()
    limiter.acquire = () => Promise.resolve({ granted: false, waitMs: 20_000 })
    const [clock, timers, random] = [new SystemClock(), new SystemTimers(), new SystemRandom()]
    const outbound = new Outbound(limiter, clock, new Metrics(), {} as ChannelCount, timers, random)
    const http = outbound.createClient({ ...CLIENT, platform: 'LUMA' })
    const request = { method: 'GET', url: 'http://luma.simulated/v1', headers: {}, kind: 'read' } as const
    const result = http.call({ ...request, weight: 1, lane: 'bulk', operation: 'read', waits: true })
    const job = { beforeApplicationShutdown: () => result }
    const module = await Test.createTestingModule({
      providers: [
        { provide: 'job', useValue: job },
        { provide: Outbound, useValue: outbound },
      ],
    }).compile()
    await (await module.init()).close()
    expect((await result).kind).toBe('THROTTLED')
  })
})

describe('Outbound at startup', () => {
  it('reports the budgets as unspent when there is no channel yet', async () => {
    const limiter = new StubLimiter()
    await startOutbound(limiter, 0)
    expect(limiter.observed).toEqual(['luma 0', 'meetup 0'])
  })

  it('reports the budgets as unspent once Redis is available', async () => {
    const limiter = new StubLimiter()
    limiter.redisDown = true
    const refresh = await startOutbound(limiter, 0)
    expect(limiter.observed).toEqual([])
    limiter.redisDown = false
    await refresh()
    expect(limiter.observed).toEqual(['luma 0', 'meetup 0'])
  })

  it('reports the budgets as unspent once the database is available', async () => {
    const limiter = new StubLimiter()
    const database = { down: true }
    const refresh = await startOutbound(limiter, 0, database)
    database.down = false
    await refresh()
    expect(limiter.observed).toEqual(['luma 0', 'meetup 0'])
  })

  it('reports nothing when there are channels, whose budgets may have been spent', async () => {
    const limiter = new StubLimiter()
    await startOutbound(limiter, 3)
    expect(limiter.observed).toEqual([])
  })
})
