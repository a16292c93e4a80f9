import type { OrderSnapshot } from './order-snapshot.js'

export interface RecordedOrder {
  version: string
  /** Where versions are read times: the version of the last full list, which has shown the order as it is recorded. */
  listedVersion?: string | null
  revision: number
  /** External ids of all tickets ever recorded for the order, and whether each is live. */
  tickets: ReadonlyMap<string, boolean>
}

/** A ticket recorded for another order than the one whose snapshot lists it now. */
export interface OtherOrderTicket {
  live: boolean
  /** Version of the last snapshot that listed it there; null: unknown. */
  version: string | null
}

export interface OrderDifference {
  /** New live tickets, with their class. */
  added: ListedTicket[]
  /** Live tickets that were recorded for another order: the total does not change. */
  moved: ListedTicket[]
  /** Recorded as cancelled, now live again. */
  restored: string[]
  cancelled: string[]
  /** Change in the number of live tickets over all orders. */
  delta: number
  /** Live tickets of this order. */
  liveAfter: number
}

interface ListedTicket {
  ticketId: string
  ticketClassId: string | null
}

const NO_TICKETS: ReadonlyMap<string, OtherOrderTicket> = new Map()

/**
 * The difference between a snapshot and the recorded order; null if the snapshot is older than the record, or was read
 * before the last full list.
 * Idempotent: the same snapshot applied again, in any order with others, changes nothing (I4). A live ticket belongs to
 * the order whose newest snapshot lists it (`otherOrderTickets`: tickets of other orders): an older snapshot does not
 * remove it from there, and a snapshot has no effect on tickets that have moved to another order.
 */
export function differenceOf(
  recorded: RecordedOrder | null,
  snapshot: OrderSnapshot,
  otherOrderTickets: ReadonlyMap<string, OtherOrderTicket> = NO_TICKETS,
): OrderDifference | null {
  if (recorded && isOlder(snapshot, recorded)) return null
  const before = recorded?.tickets ?? new Map<string, boolean>()
  const difference: OrderDifference = { added: [], moved: [], restored: [], cancelled: [], delta: 0, liveAfter: 0 }
  const listed = new Set<string>()
  for (const { ticketId, live, ticketClassId } of snapshot.tickets) {
    if (listed.has(ticketId)) continue
    listed.add(ticketId)
    const wasLive = before.get(ticketId)
    if (live && wasLive === undefined) {
      const other = otherOrderTickets.get(ticketId)
      if (other && snapshot.version < (other.version ?? '')) continue
      difference[other?.live ? 'moved' : 'added'].push({ ticketId, ticketClassId })
    } else if (live && wasLive === false) difference.restored.push(ticketId)
    else if (!live && wasLive === true) difference.cancelled.push(ticketId)
  }
  if (snapshot.complete) {
    for (const [ticketId, live] of before) if (live && !listed.has(ticketId)) difference.cancelled.push(ticketId)
  }
  difference.delta = difference.added.length + difference.restored.length - difference.cancelled.length
  const liveBefore = [...before.values()].filter(Boolean).length
  difference.liveAfter = liveBefore + difference.delta + difference.moved.length
  return difference
}

function isOlder({ version, versionIsReadTime }: OrderSnapshot, recorded: RecordedOrder): boolean {
  if (version < recorded.version) return true
  return versionIsReadTime === true && version < (recorded.listedVersion ?? '')
}

/** True if any ticket changes its order or its state. */
export function changesTickets({ added, moved, restored, cancelled }: OrderDifference): boolean {
  return added.length + moved.length + restored.length + cancelled.length > 0
}
