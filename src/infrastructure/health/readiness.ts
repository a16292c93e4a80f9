import { Injectable } from '@nestjs/common'
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus'
import { InjectRedis } from '../redis/redis-clients.js'
import { isRedisOutage } from '../redis/outage.js'
import type { RedisClient } from '../redis/create-redis.js'
import { isDatabaseOutage } from '../prisma/outage.js'
import { PrismaService } from '../prisma/prisma.service.js'

const ANSWER_WITHIN_MS = 1000

/** Resolves when its part works; rejects with an Error that says what is wrong. */
type Check = () => Promise<unknown>

/** The parts without which this process cannot do its work. */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, Check>()

  constructor(
    private readonly indicators: HealthIndicatorService,
    prisma: PrismaService,
    @InjectRedis('health') redis: RedisClient,
  ) {
    this.register('postgresql', () => prisma.$queryRaw`SELECT 1`)
    this.register('redis', () => redis.ping())
  }

  /** Adds a part by its name. It has a second to answer. */
  register(part: string, check: Check): void {
    this.checks.set(part, check)
  }

  /** One check per part for terminus; none of them throws. */
  indicatorsOfAllParts(): (() => Promise<HealthIndicatorResult>)[] {
    return [...this.checks].map(([part, check]) => async () => {
      const indicator = this.indicators.check(part)
      try {
        await within(ANSWER_WITHIN_MS, check())
        return indicator.up()
      } catch (error) {
        return indicator.down({ message: describe(error) })
      }
    })
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`does not answer within ${ms} ms`)), ms)
  })
  try {
    await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** Addresses of servers are nobody's business outside. */
function describe(error: unknown): string {
  if (isDatabaseOutage(error) || isRedisOutage(error)) return 'cannot be reached'
  return (error instanceof Error ? error.message || error.name : String(error)).slice(0, 200)
}
