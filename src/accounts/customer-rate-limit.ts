import { Injectable } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { RateLimited } from '../domain/errors.js'
import { Config } from '../infrastructure/config/config.js'
import { isRead } from '../infrastructure/http/requests/is-read.js'
import { Clock } from '../infrastructure/time/clock.js'
import { isStaff, type AuthenticatedUser } from './authenticated-user.js'

const MAX_ACCOUNTS = 10_000

/** The calls of one account within the window, oldest first; those before `first` have left it. */
interface Calls {
  at: number[]
  first: number
}

/**
 * Limits the calls of a customer that change something, over all routes: each takes the event's lock and adds to its
 * ledger. Counted per account, in this process. Rejected calls are not counted.
 */
@Injectable()
export class CustomerRateLimit {
  private readonly accounts = new Map<string, Calls>()

  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** Throws RateLimited. */
  consume(request: Pick<FastifyRequest, 'method'>, user: Pick<AuthenticatedUser, 'id' | 'role'>): void {
    if (isStaff(user) || isRead(request)) return
    const { limit, windowSeconds } = this.config.customerRateLimit
    const now = this.clock.now().getTime()
    const start = now - windowSeconds * 1000
    const calls = this.accounts.get(user.id) ?? { at: [], first: 0 }
    while (calls.first < calls.at.length && (calls.at[calls.first] ?? 0) <= start) calls.first += 1
    if (calls.at.length - calls.first >= limit) {
      const retryAfterSeconds = Math.max(1, Math.ceil(((calls.at[calls.first] ?? now) - start) / 1000))
      throw new RateLimited(`At most ${limit} changes in ${windowSeconds} seconds. Try again later.`, {
        retryAfterSeconds,
      })
    }
    calls.at.push(now)
    dropLeft(calls)
    // Reinserted at the end, so that the first key is always the least recently used.
    this.accounts.delete(user.id)
    this.accounts.set(user.id, calls)
    const [oldest] = this.accounts.keys()
    if (oldest !== undefined && this.accounts.size > MAX_ACCOUNTS) this.accounts.delete(oldest)
  }
}

/** Not at every call: that would copy the whole window each time. */
function dropLeft(calls: Calls): void {
  if (calls.first <= calls.at.length / 2) return
  calls.at.splice(0, calls.first)
  calls.first = 0
}
