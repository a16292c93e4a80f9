import { RebalanceMoveStore, type PlannedMove } from '../../../rebalancing/rebalance-move-store.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'

export class PrismaRebalanceMoveStore extends RebalanceMoveStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async append(transaction: DatabaseTransaction, moves: readonly PlannedMove[]): Promise<void> {
    await clientOf(transaction).rebalanceMove.createMany({ data: [...moves] })
  }

  since(eventId: string, from: Date): Promise<PlannedMove[]> {
    return this.prisma.rebalanceMove.findMany({
      where: { eventId, plannedAt: { gte: from } },
      orderBy: { id: 'asc' },
    })
  }
}
