import { RebalanceMoveStore, type PlannedMove } from '../../../rebalancing/rebalance-move-store.js'
import { DIRECT } from '../../../domain/channel.js'
import { UNALLOCATED } from '../../../domain/rebalancing/rebalance-view.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import type { MemoryDatabase } from '../memory-database.js'
import { byId } from '../sorting.js'

export class MemoryRebalanceMoveStore extends RebalanceMoveStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  /** Completes the rows as a trigger does. */
  async append(transaction: DatabaseTransaction, moves: readonly PlannedMove[]): Promise<void> {
    this.database.assertAvailable()
    for (const move of moves) {
      const { from, to, plannedAt } = move
      const target = this.database.channels.get(transaction, to === DIRECT.id ? from : to)
      const confirmedAt = to === DIRECT.id && from === UNALLOCATED ? plannedAt : null
      await this.database.rebalanceMoves.insert(transaction, {
        ...move,
        targetCap: target?.desiredCap ?? null,
        confirmedAt,
      })
    }
  }

  async since(eventId: string, from: Date): Promise<PlannedMove[]> {
    this.database.assertAvailable()
    return this.database.rebalanceMoves
      .whereKey(null, 'eventId', eventId, (row) => row.plannedAt >= from)
      .toSorted(byId)
  }
}
