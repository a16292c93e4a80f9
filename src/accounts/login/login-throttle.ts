import { Injectable } from '@nestjs/common'
import { RateLimited } from '../../domain/errors.js'
import { clientOf } from '../../infrastructure/http/clients/addresses.js'
import { PrismaService } from '../../infrastructure/prisma/prisma.service.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { ClientQueues } from './client-queues.js'

const WINDOW_MS = 15 * 60 * 1000
/** Failures of one account from one client. */
const MAX_FAILURES = 5
/** The same while the account is under attack, unless the account has logged in from there before. */
const MAX_FAILURES_UNDER_ATTACK = 2
/** Failures of one account from all clients. */
const ATTACK_FAILURES = 50
/** Failures of one client for all accounts. */
const MAX_CLIENT_FAILURES = 30
/** Sessions of an account in which a client is searched. */
const MAX_SESSIONS = 200
const PRUNE_EVERY_MS = 60 * 60 * 1000

/**
 * Limits password guessing. A client (IPv4 address or IPv6 /64) is locked for an account after five failures, and for all accounts
 * after 30. Guesses for one account from many clients never lock the account: each client then has two guesses instead of
 * five, so that its owner can still log in from anywhere. A client from which an account has logged in before keeps its five.
 */
@Injectable()
export class LoginThrottle {
  private readonly queues = new ClientQueues()
  private prunedAt = 0

  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs one attempt. `attempt` returns null for a failure, which is counted; any other result clears the count of this
   * account and client. Throws RateLimited, without an attempt, while the client is locked.
   */
  async guard<T>(email: string, ip: string, attempt: (client: string) => Promise<T | null>): Promise<T | null> {
    const client = clientOf(ip)
    return this.queues.run(client, async () => {
      await this.assertNotLocked(email, client)
      const result = await attempt(client)
      if (result === null) await this.prisma.loginFailure.create({ data: { email, ip: client, at: this.clock.now() } })
      else await this.prisma.loginFailure.deleteMany({ where: { email, ip: client } })
      await this.prune()
      return result
    })
  }

  /** Runs `work`, which hashes a password, in the order of its client. */
  inOrder<T>(ip: string, work: (client: string) => Promise<T>): Promise<T> {
    const client = clientOf(ip)
    return this.queues.run(client, () => work(client))
  }

  private async assertNotLocked(email: string, client: string): Promise<void> {
    const [ofAccount, ofClient, ofBoth] = await Promise.all([
      this.failures({ email }, ATTACK_FAILURES),
      this.failures({ ip: client }, MAX_CLIENT_FAILURES),
      this.failures({ email, ip: client }, MAX_FAILURES),
    ])
    const attacked = ofAccount.length === ATTACK_FAILURES
    const exhausted = ofClient.length === MAX_CLIENT_FAILURES
    const unknown = (attacked || exhausted) && !(await this.hasLoggedInFrom(email, client))
    if (exhausted && unknown) this.reject(ofClient, MAX_CLIENT_FAILURES)
    const limit = attacked && unknown ? MAX_FAILURES_UNDER_ATTACK : MAX_FAILURES
    if (ofBoth.length >= limit) this.reject(ofBoth, limit)
  }

  /** The times of the last failures in the window, newest first. */
  private async failures(where: { email?: string; ip?: string }, take: number): Promise<Date[]> {
    const since = new Date(this.clock.now().getTime() - WINDOW_MS)
    const rows = await this.prisma.loginFailure.findMany({
      where: { ...where, at: { gt: since } },
      orderBy: { at: 'desc' },
      take,
      select: { at: true },
    })
    return rows.map(({ at }) => at)
  }

  private async hasLoggedInFrom(email: string, client: string): Promise<boolean> {
    const sessions = await this.prisma.session.findMany({
      where: { user: { email } },
      orderBy: { createdAt: 'desc' },
      take: MAX_SESSIONS,
      select: { ip: true },
    })
    return sessions.some(({ ip }) => clientOf(ip) === client)
  }

  private reject(failures: readonly Date[], limit: number): never {
    const oldest = failures[limit - 1] ?? this.clock.now()
    const retryAfterSeconds = Math.ceil((oldest.getTime() + WINDOW_MS - this.clock.now().getTime()) / 1000)
    throw new RateLimited('Too many failed logins. Try again later.', { retryAfterSeconds })
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
