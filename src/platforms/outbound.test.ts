import { describe, expect, it, onTestFinished } from 'vitest'
import { SystemClock } from '../infrastructure/clock.js'
import { Metrics } from '../infrastructure/metrics/metrics.js'
import type { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Outbound, RateLimiterPort } from './outbound.js'
import type { Budget, Permit, Verdict } from './throttle/limiter.js'

class ScriptedLimiter extends RateLimiterPort {
  degraded = false
  away = false
  readonly told: string[] = []
  override acquire = (): Promise<Permit> => Promise.resolve({ granted: true, reservation: 'r' })
  override peek = (): Promise<number> => Promise.resolve(0)
  override refund = (): Promise<void> => Promise.resolve()
  override block = (): Promise<void> => Promise.resolve()
  override claim = (): void => undefined
  override refresh = (): Promise<void> => {
    this.degraded = this.away
    return Promise.resolve()
  }
  override observe = ({ bucket }: Budget, { used }: Verdict): Promise<void> => {
    this.told.push(`${bucket.split(':')[0]} ${used}`)
    return Promise.resolve()
  }
}

/** With so many channels on record; the database may be away. */
async function started(limiter: ScriptedLimiter, channels: number, database = { away: false }) {
  const count = () => (database.away ? Promise.reject(new Error('away')) : Promise.resolve(channels))
  const prisma = { channel: { count } } as unknown as PrismaService
  const outbound = new Outbound(limiter, new SystemClock(), new Metrics(), prisma)
  for (const platform of ['LUMA', 'MEETUP'] as const) outbound.open(platform, 'k', { limit: 500, windowSeconds: 60 })
  onTestFinished(() => outbound.onApplicationShutdown())
  await outbound.onApplicationBootstrap()
}

describe('budgets of an installation that never had a channel', () => {
  it('are known to be unspent when it starts', async () => {
    const limiter = new ScriptedLimiter()
    await started(limiter, 0)
    expect(limiter.told).toEqual(['luma 0', 'meetup 0'])
  })

  it('and are told so once Redis can be asked', async () => {
    const limiter = new ScriptedLimiter()
    limiter.away = true
    await started(limiter, 0)
    expect(limiter.told).toEqual([])
    limiter.away = false
    await expect.poll(() => limiter.told, { timeout: 5_000 }).toEqual(['luma 0', 'meetup 0'])
  })

  it('also where the database could not be asked at first', async () => {
    const limiter = new ScriptedLimiter()
    const database = { away: true }
    await started(limiter, 0, database)
    database.away = false
    await expect.poll(() => limiter.told, { timeout: 5_000 }).toEqual(['luma 0', 'meetup 0'])
  })

  it('of one that had some may have been spent', async () => {
    const limiter = new ScriptedLimiter()
    await started(limiter, 3)
    expect(limiter.told).toEqual([])
  })
})
