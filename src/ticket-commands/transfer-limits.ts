import { RateLimited } from '../domain/errors.js'
import type { Transaction } from '../infrastructure/prisma/transaction.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Of one account in an hour. */
const MAX_BY_ACCOUNT = 10
/** To one address in a day: it may be that of a person who did not expect mails. */
const MAX_TO_ADDRESS = 10

/** What has to be locked so that the limits hold for requests at the same time. */
export const limitLocks = (accountId: string, email: string) => [`transfers of ${accountId}`, `transfers to ${email}`]

/** For customers. Throws RateLimited. `email`: the new holder's, in lower case. */
export async function assertWithinLimits(client: Transaction, byId: string, email: string, now: Date): Promise<void> {
  const since = (ms: number) => new Date(now.getTime() - ms)
  const byAccount = await client.ticketTransfer.findMany({
    where: { byId, transferredAt: { gt: since(HOUR_MS) } },
    select: { transferredAt: true },
    orderBy: { transferredAt: 'desc' },
    take: MAX_BY_ACCOUNT,
  })
  const toAddress = await client.ticket.findMany({
    where: { holderEmail: email, transferredAt: { gt: since(DAY_MS) } },
    select: { transferredAt: true },
    orderBy: { transferredAt: 'desc' },
    take: MAX_TO_ADDRESS,
  })
  assertFewer(byAccount, MAX_BY_ACCOUNT, HOUR_MS, now, 'At most 10 tickets in an hour can be transferred.')
  assertFewer(toAddress, MAX_TO_ADDRESS, DAY_MS, now, 'At most 10 tickets in a day can be transferred to one address.')
}

function assertFewer(
  newestFirst: readonly { transferredAt: Date | null }[],
  limit: number,
  windowMs: number,
  now: Date,
  detail: string,
): void {
  const oldestCounted = newestFirst[limit - 1]?.transferredAt
  if (!oldestCounted) return
  const retryAfterSeconds = Math.max(1, Math.ceil((oldestCounted.getTime() + windowMs - now.getTime()) / 1_000))
  throw new RateLimited(`${detail} Try again later.`, { retryAfterSeconds })
}
