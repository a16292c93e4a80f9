import { RateLimited } from '../../domain/errors.js'
import type { DeclinedPayment } from '../payment-store.js'

/** Per account, and per address of others. */
const LIMIT = 10
export const DECLINED_WINDOW_MS = 3_600_000

/** Who pays for a hold, and the address that gets the mails about it. */
export interface Payer {
  /** Null: an offer to a waitlist entry. */
  accountId: string | null
  buyerEmail: string
  /** Of the account or the entry. */
  ownEmail: string
}

/**
 * Limits declined payments, with which stolen card numbers are tested: of an account, and to an address, whose owner gets a
 * mail about each. What others do with an address does not limit its owner. How many are started at once is limited by
 * `CUSTOMER_RATE_LIMIT`.
 */
export class DeclinedLimit {
  /** `declined`: in the window before `now`, of the accounts and addresses that are checked. */
  constructor(
    private readonly declined: readonly DeclinedPayment[],
    private readonly now: Date,
  ) {}

  /** Why no payment can be started now; null: it can. */
  refusalOf({ accountId, buyerEmail, ownEmail }: Payer): RateLimited | null {
    const email = buyerEmail.toLowerCase()
    const ofAccount = this.declined.filter((one) => accountId !== null && one.accountId === accountId)
    const toOther = email === ownEmail.toLowerCase() ? [] : this.declined.filter((one) => one.buyerEmail === email)
    for (const payments of [ofAccount, toOther]) {
      const newestFirst = payments.map(({ failedAt }) => failedAt.getTime()).toSorted((a, b) => b - a)
      const oldestCounted = newestFirst[LIMIT - 1]
      if (oldestCounted !== undefined) return this.refusal(oldestCounted)
    }
    return null
  }

  private refusal(oldestCountedMs: number): RateLimited {
    const retryAfterSeconds = Math.ceil((oldestCountedMs + DECLINED_WINDOW_MS - this.now.getTime()) / 1_000)
    return new RateLimited('Too many payments were declined. Try again later.', { retryAfterSeconds })
  }
}
