import type { Prisma, User } from '../../generated/prisma/client.js'
import { newId } from '../../infrastructure/ids.js'

interface NewStaff {
  email: string
  name: string
  role: User['role']
  passwordHash: string
  active?: boolean
}

/**
 * Creates a staff user, or makes one of the customer with this address, returned as `before`. The caller revokes the sessions
 * of such a customer. Fails with a unique violation when a staff user has the address.
 */
export async function createStaff(
  transaction: Prisma.TransactionClient,
  data: NewStaff,
  createdAt: Date,
): Promise<{ before: User | null; user: User }> {
  const { email } = data
  await transaction.$queryRaw`SELECT id FROM users WHERE email = ${email} FOR UPDATE`
  const before = await transaction.user.findFirst({ where: { email, role: 'CUSTOMER' } })
  const user = before
    ? await transaction.user.update({ where: { id: before.id }, data })
    : await transaction.user.create({ data: { ...data, id: newId('usr'), createdAt } })
  return { before, user }
}
