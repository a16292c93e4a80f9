import { WalkInStore, type WalkIn } from '../../../door/walk-ins/walk-in-store.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'

export class PrismaWalkInStore extends WalkInStore {
  /** They wait on the index of the key. */
  async recordOnce(transaction: DatabaseTransaction, walkIn: WalkIn): Promise<WalkIn> {
    const client = clientOf(transaction)
    const [created] = await client.walkIn.createManyAndReturn({ data: [walkIn], skipDuplicates: true })
    if (created) return created
    const { eventId, userId, idempotencyKey } = walkIn
    return client.walkIn.findFirstOrThrow({ where: { eventId, userId, idempotencyKey } })
  }

  find(transaction: DatabaseTransaction, id: string): Promise<WalkIn | null> {
    return clientOf(transaction).walkIn.findUnique({ where: { id } })
  }

  async takeBack(transaction: DatabaseTransaction, id: string, takenBackAt: Date): Promise<boolean> {
    const unchanged = { id, takenBackAt: null }
    const { count } = await clientOf(transaction).walkIn.updateMany({ where: unchanged, data: { takenBackAt } })
    return count > 0
  }
}
