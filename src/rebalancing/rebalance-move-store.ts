import type { Move } from '../domain/rebalancing/rebalance-view.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'

export interface PlannedMove extends Move {
  id: string
  eventId: string
  plannedAt: Date
}

/** Rows of moves between channels, from when they are planned. */
export abstract class RebalanceMoveStore {
  /** To be called once the desired caps are written: a move is confirmed when a platform confirms the desired cap. */
  abstract append(transaction: DatabaseTransaction, moves: readonly PlannedMove[]): Promise<void>

  /** Moves of an event planned at `from` or later, in the order of their ids. */
  abstract since(eventId: string, from: Date): Promise<PlannedMove[]>
}
