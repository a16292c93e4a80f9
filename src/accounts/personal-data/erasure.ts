import type { Transaction } from '../../infrastructure/prisma/transaction.js'
import { ERASED } from '../../infrastructure/text/erased.js'

/** Rows of one person that were erased, by kind. */
export interface Erased {
  orders: number
  /** Tickets of which the person is the holder. */
  tickets: number
  payments: number
  waitlistEntries: number
  accounts: number
  sessions: number
  mails: number
  deliveries: number
}

/** Why the data of a person is still needed; null: it is not. */
export async function reasonToKeep(client: Transaction, email: string): Promise<string | null> {
  const [open] = await client.$queryRaw<{ payments: bigint; offers: bigint; holds: bigint }[]>`
    SELECT
      (SELECT COUNT(*) FROM payments WHERE lower(buyer_email) = ${email} AND state IN ('PENDING', 'REFUND_DUE')) AS payments,
      (SELECT COUNT(*) FROM waitlist_entries WHERE lower(email) = ${email} AND state = 'OFFERED') AS offers,
      (SELECT COUNT(*) FROM holds JOIN users ON users.id = holds.account_id
        WHERE users.email = ${email} AND holds.state IN ('HELD', 'PAYMENT_PENDING')) AS holds`
  if (open && open.payments > 0n) return 'A payment or refund of this person is not settled yet.'
  if (open && open.offers > 0n) return 'This person has an open offer: remove the entry from the waitlist first.'
  if (open && open.holds > 0n) return 'This person holds tickets: release them first.'
  return null
}

/** Platforms that sold to this person, or to another buyer for them, and keep data of their own. */
export async function platformsOf(client: Transaction, email: string): Promise<string[]> {
  const rows = await client.$queryRaw<{ platform: string }[]>`
    SELECT platform::text FROM orders WHERE lower(buyer_email) = ${email} AND channel_id IS NOT NULL
    UNION SELECT platform::text FROM tickets WHERE lower(holder_email) = ${email} AND channel_id IS NOT NULL ORDER BY 1`
  return rows.map(({ platform }) => platform)
}

/** `email`: in lower case. Orders, tickets and payments keep their numbers. */
export async function erasePerson(client: Transaction, email: string, at: Date): Promise<Erased> {
  // A ticket without an address of its own is the buyer's.
  const tickets = await client.$executeRaw`
    UPDATE tickets SET holder_name = NULL, holder_email = NULL, holder_key = DEFAULT, holder_erased_at = ${at}
    WHERE lower(holder_email) = ${email} OR holder_email IS NULL AND holder_erased_at IS NULL
      AND order_id IN (SELECT id FROM orders WHERE lower(buyer_email) = ${email})`
  const orders = await client.$executeRaw`
    UPDATE orders SET buyer_name = NULL, buyer_email = NULL, buyer_erased_at = ${at} WHERE lower(buyer_email) = ${email}`
  const payments = await client.$executeRaw`
    UPDATE payments SET buyer_name = ${ERASED}, buyer_email = ${ERASED} WHERE lower(buyer_email) = ${email}`
  const waitlistEntries = await client.$executeRaw`
    UPDATE waitlist_entries SET name = ${ERASED}, email = ${ERASED},
      settled_at = CASE WHEN state = 'WAITING' THEN ${at} ELSE settled_at END,
      state = CASE WHEN state = 'WAITING' THEN 'LEFT' ELSE state END
    WHERE lower(email) = ${email}`
  const mails = await client.$executeRaw`DELETE FROM mails WHERE lower(recipient) = ${email}`
  const sessions = await client.$executeRaw`
    DELETE FROM sessions USING users WHERE users.id = sessions.user_id AND users.email = ${email}`
  await client.$executeRaw`DELETE FROM login_failures WHERE lower(email) = ${email}`
  const accounts = await client.$executeRaw`
    UPDATE users SET email = id || '@erased.invalid', name = ${ERASED}, active = false WHERE email = ${email}`
  const deliveries = await client.$executeRaw`
    DELETE FROM webhook_deliveries WHERE position(${email}::text IN lower(encode(body, 'escape'))) > 0`
  return { orders, tickets, payments, waitlistEntries, accounts, sessions, mails, deliveries }
}
