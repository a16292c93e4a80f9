import { Injectable } from '@nestjs/common'
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus'
import type { RedisClient } from '../redis/create-redis.js'
import { newId } from '../ids.js'
import { isOutage } from '../outage.js'
import { PrismaService } from '../prisma/prisma.service.js'
import { InjectRedis } from '../redis/redis-clients.js'

const ANSWER_WITHIN_MS = 1_500

/** Resolves when its part works; rejects with an Error that says what is wrong. */
type Check = () => Promise<unknown>

/** The parts without which this process cannot do its work. */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, Check>()
  private readonly running = new Map<string, Promise<string | null>>()

  constructor(
    private readonly indicators: HealthIndicatorService,
    prisma: PrismaService,
    @InjectRedis('health') redis: RedisClient,
  ) {
    this.register('postgresql', () => storeSomething(prisma))
    // The stock gate, where there is one, asks for more than an answer.
    this.register('redis', () => redis.ping())
  }

  /**
   * Adds a part by its name, or another check of it. It has 1.5 s to prove that this process can do what it needs the
   * part for: a server that merely answers may refuse every write.
   */
  register(part: string, check: Check): void {
    this.checks.set(part, check)
  }

  /** What is wrong with each part; null: it works. */
  async findings(): Promise<{ part: string; fault: string | null }[]> {
    return Promise.all([...this.checks.keys()].map(async (part) => ({ part, fault: await this.faultOf(part) })))
  }

  /** One check per part for terminus; none of them throws. */
  indicatorsOfAllParts(): (() => Promise<HealthIndicatorResult>)[] {
    return [...this.checks.keys()].map((part) => async () => {
      const indicator = this.indicators.check(part)
      const fault = await this.faultOf(part)
      return fault === null ? indicator.up() : indicator.down({ message: fault })
    })
  }

  /** However many ask at once, one check of a part is at work. */
  private faultOf(part: string): Promise<string | null> {
    const running = this.running.get(part)
    if (running) return running
    const check = this.checks.get(part) ?? (() => Promise.resolve())
    const fault = within(ANSWER_WITHIN_MS, check())
      .then(() => null, describe)
      .finally(() => this.running.delete(part))
    this.running.set(part, fault)
    return fault
  }
}

/** A write that is committed and leaves nothing behind: a server that only reads, or whose disk is full, refuses it. */
async function storeSomething(prisma: PrismaService): Promise<void> {
  const key = newId('readiness')
  await prisma.$transaction([
    prisma.$executeRaw`INSERT INTO stored_values (key, value, updated_at) VALUES (${key}, 'null', now())`,
    prisma.$executeRaw`DELETE FROM stored_values WHERE key = ${key}`,
  ])
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
  if (isOutage(error)) return 'cannot be reached'
  return (error instanceof Error ? error.message || error.name : String(error)).slice(0, 200)
}
