import { DIRECT } from '../../../domain/channel.js'
import type { MemoryTable, Scope } from '../memory-table.js'
import type { ChannelRow, RebalanceMoveRow } from '../rows.js'

/** Moves planned earlier are not confirmed any more, ms. */
const CONFIRMABLE_MS = 3_600_000

/** As the trigger of the table of channels: a new confirmation confirms the moves that it completes. */
export async function confirmMoves(
  moves: MemoryTable<RebalanceMoveRow>,
  scope: Scope,
  before: ChannelRow,
  { id, eventId, confirmedAt, confirmedCap }: ChannelRow,
): Promise<void> {
  if (confirmedAt === null || confirmedCap === null || confirmedAt.getTime() === before.confirmedAt?.getTime()) return
  const isDue = (plannedAt: Date) => {
    const waited = confirmedAt.getTime() - plannedAt.getTime()
    return waited >= 0 && waited <= CONFIRMABLE_MS
  }
  const isComplete = ({ from, to, targetCap }: RebalanceMoveRow) => {
    if (targetCap === null) return false
    return (to === id && confirmedCap >= targetCap) || (to === DIRECT.id && from === id && confirmedCap <= targetCap)
  }
  const isConfirmed = (row: RebalanceMoveRow) => row.confirmedAt === null && isDue(row.plannedAt) && isComplete(row)
  await moves.updateWhere(scope, isConfirmed, { confirmedAt }, moves.whereKey(scope, 'eventId', eventId))
}
