import { Injectable } from '@nestjs/common'
import { RateLimited } from '../../domain/errors.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'

const MAX_FAILURES = 5
const WINDOW_MS = 15 * 60 * 1000
const PRUNE_EVERY_MS = 60 * 60 * 1000
const MAX_QUEUED = 200

/** Limits password guessing: after five failures for one e-mail address from one IP address, logins are locked. */
@Injectable()
export class LoginThrottle {
  private readonly queues = new Map<string, { waiting: number; last: Promise<unknown> }>()
  private prunedAt = 0

  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs one attempt. `attempt` returns null for a failure, which is counted; any other result clears the count.
   * Throws RateLimited, without an attempt, while the e-mail address is locked for this IP address.
   */
  async guard<T>(email: string, ip: string, attempt: () => Promise<T | null>): Promise<T | null> {
    return this.serialize(`${email} ${ip}`, async () => {
      await this.assertNotLocked(email, ip)
      const result = await attempt()
      if (result === null) await this.prisma.loginFailure.create({ data: { email, ip, at: this.clock.now() } })
      else await this.prisma.loginFailure.deleteMany({ where: { email, ip } })
      await this.prune()
      return result
    })
  }

  private async assertNotLocked(email: string, ip: string): Promise<void> {
    const now = this.clock.now().getTime()
    const recent = await this.prisma.loginFailure.findMany({
      where: { email, ip, at: { gt: new Date(now - WINDOW_MS) } },
      orderBy: { at: 'desc' },
      take: MAX_FAILURES,
    })
    const oldest = recent[MAX_FAILURES - 1]
    if (!oldest) return
    const retryAfterSeconds = Math.ceil((oldest.at.getTime() + WINDOW_MS - now) / 1000)
    throw new RateLimited('Too many failed logins. Try again later.', { retryAfterSeconds })
  }

  /** Attempts run one at a time; concurrent ones would all pass the check before any failure is counted. */
  private async serialize<T>(key: string, work: () => Promise<T>): Promise<T> {
    const queue = this.queues.get(key) ?? { waiting: 0, last: Promise.resolve() }
    if (queue.waiting >= MAX_QUEUED) throw new RateLimited('Too many logins at once.', { retryAfterSeconds: 5 })
    queue.waiting += 1
    const run = queue.last.then(work, work)
    queue.last = run.catch(() => undefined)
    this.queues.set(key, queue)
    try {
      return await run
    } finally {
      queue.waiting -= 1
      if (queue.waiting === 0) this.queues.delete(key)
    }
  }

  /** Deletes failures outside the window and sessions that expired 30 days ago. */
  private async prune(): Promise<void> {
    const now = this.clock.now().getTime()
    if (now - this.prunedAt < PRUNE_EVERY_MS) return
    this.prunedAt = now
    await this.prisma.loginFailure.deleteMany({ where: { at: { lte: new Date(now - WINDOW_MS) } } })
    await this.prisma.session.deleteMany({ where: { expiresAt: { lte: new Date(now - 30 * 24 * PRUNE_EVERY_MS) } } })
  }
}
