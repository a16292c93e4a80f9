import { Injectable } from '@nestjs/common'
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus'
import type { RedisClient } from '../redis/create-redis.js'
import { newId } from '../ids.js'
import { isOutage } from '../errors/outage.js'
import { PrismaService } from '../prisma/prisma.service.js'
import { InjectRedis } from '../redis/redis-clients.js'
import { SystemTimers } from '../time/system-time.js'
import { TimeoutExceeded, withTimeout } from '../time/with-timeout.js'

const TIMERS = new SystemTimers()
const CHECK_TIMEOUT_MS = 1_500

/** Resolves when the part works; rejects with an Error that describes the problem. */
type Check = () => Promise<unknown>

/** Checks the parts that this process needs to work. */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, Check>()
  private readonly running = new Map<string, Promise<string | null>>()

  constructor(
    private readonly indicators: HealthIndicatorService,
    prisma: PrismaService,
    @InjectRedis('health') redis: RedisClient,
  ) {
    this.register('postgresql', () => assertWritable(prisma))
    // The stock gate, if present, replaces this by a stronger check.
    this.register('redis', () => redis.ping())
  }

  /**
   * Adds a part by its name, or replaces its check. The check has 1.5 s to prove that the part does what this process
   * needs: a server that responds may still reject every write.
   */
  register(part: string, check: Check): void {
    this.checks.set(part, check)
  }

  /** The failure of each part; null: it works. */
  async findings(): Promise<{ part: string; failure: string | null }[]> {
    return Promise.all([...this.checks.keys()].map(async (part) => ({ part, failure: await this.failureOf(part) })))
  }

  /** One check per part for Terminus; none of them throws. */
  indicatorsOfAllParts(): (() => Promise<HealthIndicatorResult>)[] {
    return [...this.checks.keys()].map((part) => async () => {
      const indicator = this.indicators.check(part)
      const failure = await this.failureOf(part)
      return failure === null ? indicator.up() : indicator.down({ message: failure })
    })
  }

  /** Concurrent calls share one running check per part. */
  private failureOf(part: string): Promise<string | null> {
    const running = this.running.get(part)
    if (running) return running
    const check = this.checks.get(part) ?? (() => Promise.resolve())
    const failure = withTimeout(CHECK_TIMEOUT_MS, async () => check(), TIMERS)
      .then(() => null, publicMessage)
      .finally(() => this.running.delete(part))
    this.running.set(part, failure)
    return failure
  }
}

/** Commits a write and its deletion: a read-only server, or one whose disk is full, rejects it. */
async function assertWritable(prisma: PrismaService): Promise<void> {
  const key = newId('readiness')
  await prisma.$transaction([
    prisma.$executeRaw`INSERT INTO stored_values (key, value, updated_at) VALUES (${key}, 'null', now())`,
    prisma.$executeRaw`DELETE FROM stored_values WHERE key = ${key}`,
  ])
}

/** Does not reveal server addresses. */
function publicMessage(error: unknown): string {
  if (error instanceof TimeoutExceeded) return `did not respond within ${error.afterMs} ms`
  if (isOutage(error)) return 'cannot be reached'
  return (error instanceof Error ? error.message || error.name : String(error)).slice(0, 200)
}
