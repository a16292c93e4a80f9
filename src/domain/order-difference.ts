import type { OrderSnapshot } from './order-snapshot.js'

export interface RecordedOrder {
  version: string
  revision: number
  /** External ids of all tickets ever recorded for the order, and whether each is live. */
  tickets: ReadonlyMap<string, boolean>
}

export interface OrderDifference {
  /** New live tickets, with their class. */
  added: { ticketId: string; ticketClassId: string | null }[]
  /** Recorded as cancelled, live again. */
  revived: string[]
  cancelled: string[]
  /** Live tickets after minus before. */
  delta: number
  liveAfter: number
}

/**
 * What a snapshot changes against what is recorded; null when it is older than the record.
 * The same snapshot twice, in any order with others, changes nothing the second time (I4).
 */
export function differenceOf(recorded: RecordedOrder | null, snapshot: OrderSnapshot): OrderDifference | null {
  if (recorded && snapshot.version < recorded.version) return null
  const before = recorded?.tickets ?? new Map<string, boolean>()
  const difference: OrderDifference = { added: [], revived: [], cancelled: [], delta: 0, liveAfter: 0 }
  const shown = new Set<string>()
  for (const { ticketId, live, ticketClassId } of snapshot.tickets) {
    if (shown.has(ticketId)) continue
    shown.add(ticketId)
    const was = before.get(ticketId)
    if (live && was === undefined) difference.added.push({ ticketId, ticketClassId })
    else if (live && was === false) difference.revived.push(ticketId)
    else if (!live && was === true) difference.cancelled.push(ticketId)
  }
  if (snapshot.complete) {
    for (const [ticketId, live] of before) if (live && !shown.has(ticketId)) difference.cancelled.push(ticketId)
  }
  difference.delta = difference.added.length + difference.revived.length - difference.cancelled.length
  difference.liveAfter = [...before.values()].filter(Boolean).length + difference.delta
  return difference
}
