import type { Prisma, User } from '../../generated/prisma/client.js'
import { ERASED } from '../../infrastructure/text/erased.js'

/**
 * Takes an e-mail address from the customer who has it, for a staff user: anyone can register an address, so it must not be
 * occupied. The customer's account ends, without a name or address, as it could no longer be used or found; its tickets
 * stay valid. Returns the customer before and after; null: no customer has it. The caller revokes the sessions.
 */
export async function freeAddress(
  transaction: Prisma.TransactionClient,
  email: string,
): Promise<{ before: User; after: User } | null> {
  await transaction.$queryRaw`SELECT id FROM users WHERE email = ${email} FOR UPDATE`
  const before = await transaction.user.findFirst({ where: { email, role: 'CUSTOMER' } })
  if (!before) return null
  const data = { email: `${before.id}@replaced.invalid`, name: ERASED, active: false, emailVerifiedAt: null }
  return { before, after: await transaction.user.update({ where: { id: before.id }, data }) }
}
