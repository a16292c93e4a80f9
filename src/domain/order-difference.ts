import type { OrderSnapshot } from './order-snapshot.js'

export interface RecordedOrder {
  version: string
  revision: number
  /** External ids of all tickets ever recorded for the order, and whether each is live. */
  tickets: ReadonlyMap<string, boolean>
}

/** A ticket as it is recorded for another order than the one that shows it now. */
export interface TicketElsewhere {
  live: boolean
  /** Of the snapshot that last showed it there; null: not known. */
  version: string | null
}

export interface OrderDifference {
  /** New live tickets, with their class. */
  added: ShownTicket[]
  /** Live tickets that another order had: they change their order, not their number. */
  moved: ShownTicket[]
  /** Recorded as cancelled, live again. */
  revived: string[]
  cancelled: string[]
  /** Live tickets after minus before, over all orders. */
  delta: number
  /** Live tickets of this order. */
  liveAfter: number
}

interface ShownTicket {
  ticketId: string
  ticketClassId: string | null
}

const NOWHERE: ReadonlyMap<string, TicketElsewhere> = new Map()

/**
 * What a snapshot changes against what is recorded; null when it is older than the record.
 * The same snapshot twice, in any order with others, changes nothing the second time (I4). A live ticket belongs to the
 * order whose newest snapshot shows it (`elsewhere`: tickets of other orders): an older one does not take it away, and
 * an order says nothing about tickets that it no longer has.
 */
export function differenceOf(
  recorded: RecordedOrder | null,
  snapshot: OrderSnapshot,
  elsewhere: ReadonlyMap<string, TicketElsewhere> = NOWHERE,
): OrderDifference | null {
  if (recorded && snapshot.version < recorded.version) return null
  const before = recorded?.tickets ?? new Map<string, boolean>()
  const difference: OrderDifference = { added: [], moved: [], revived: [], cancelled: [], delta: 0, liveAfter: 0 }
  const shown = new Set<string>()
  for (const { ticketId, live, ticketClassId } of snapshot.tickets) {
    if (shown.has(ticketId)) continue
    shown.add(ticketId)
    const was = before.get(ticketId)
    if (live && was === undefined) {
      const other = elsewhere.get(ticketId)
      if (other && snapshot.version < (other.version ?? '')) continue
      difference[other?.live ? 'moved' : 'added'].push({ ticketId, ticketClassId })
    } else if (live && was === false) difference.revived.push(ticketId)
    else if (!live && was === true) difference.cancelled.push(ticketId)
  }
  if (snapshot.complete) {
    for (const [ticketId, live] of before) if (live && !shown.has(ticketId)) difference.cancelled.push(ticketId)
  }
  difference.delta = difference.added.length + difference.revived.length - difference.cancelled.length
  const liveBefore = [...before.values()].filter(Boolean).length
  difference.liveAfter = liveBefore + difference.delta + difference.moved.length
  return difference
}

/** Whether any ticket changes its order or its state. */
export function changesTickets({ added, moved, revived, cancelled }: OrderDifference): boolean {
  return added.length + moved.length + revived.length + cancelled.length > 0
}
