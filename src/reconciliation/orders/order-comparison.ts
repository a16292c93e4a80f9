import { differenceOf, type RecordedOrder } from '../../domain/orders/order-difference.js'
import { ownTickets, type ObservedOrder } from '../../orders/observed-order.js'
import { roundsOf } from '../../orders/order-rounds.js'

/** One order in the ledger and on the platform. Counts are live tickets. */
export interface OrderComparison {
  before: number
  after: number
  /** Live on the platform only, and in the ledger only. */
  gained: number
  lost: number
  /** Live on the platform, in ticket classes that no channel sells. */
  unknown: number
  /** Lost tickets that moved to such a class, and those that moved to a class sold by another channel. */
  movedToUnsoldClass: number
  movedToOtherChannel: number
}

/** `soldClasses`: the ticket classes that channels of this listing sell; null: all. */
export function compareOrder(
  recorded: RecordedOrder | null,
  observedOrders: readonly ObservedOrder[],
  soldClasses: ReadonlySet<string> | null,
): OrderComparison {
  const before = recorded?.tickets ?? new Map<string, boolean>()
  const after = convergedTickets(recorded, observedOrders)
  const isLive = (tickets: ReadonlyMap<string, boolean>, id: string) => tickets.get(id) === true
  const ids = [...new Set([...before.keys(), ...after.keys()])]
  const lost = ids.filter((id) => isLive(before, id) && !isLive(after, id))
  const others = otherClasses(observedOrders)
  const isUnknown = (id: string) => {
    const classId = others.get(id)
    return classId !== undefined && soldClasses !== null && (classId === null || !soldClasses.has(classId))
  }
  const moved = lost.filter((id) => others.has(id))
  return {
    before: liveIn(before),
    after: liveIn(after),
    gained: ids.filter((id) => !isLive(before, id) && isLive(after, id)).length,
    lost: lost.length,
    unknown: [...others.keys()].filter(isUnknown).length,
    movedToUnsoldClass: moved.filter(isUnknown).length,
    movedToOtherChannel: moved.filter((id) => !isUnknown(id)).length,
  }
}

/** The recorded tickets after these observations are applied, computed with the same rule that applies them. */
function convergedTickets(
  recorded: RecordedOrder | null,
  observedOrders: readonly ObservedOrder[],
): Map<string, boolean> {
  let current: RecordedOrder | null = recorded
  for (const observed of roundsOf(observedOrders).flat()) {
    const difference = differenceOf(current, ownTickets(observed))
    if (!difference) continue
    const tickets = new Map(current?.tickets)
    for (const { ticketId } of difference.added) tickets.set(ticketId, true)
    for (const id of difference.restored) tickets.set(id, true)
    for (const id of difference.cancelled) tickets.set(id, false)
    current = { version: observed.snapshot.version, revision: 0, tickets }
  }
  return new Map(current?.tickets)
}

/** Live tickets of classes other than the channel's own, with their class. */
function otherClasses(observedOrders: readonly ObservedOrder[]): Map<string, string | null> {
  const others = new Map<string, string | null>()
  for (const { snapshot, ticketClassId } of observedOrders) {
    if (ticketClassId === null) continue
    for (const ticket of snapshot.tickets) {
      if (ticket.live && ticket.ticketClassId !== ticketClassId) others.set(ticket.ticketId, ticket.ticketClassId)
      else others.delete(ticket.ticketId)
    }
  }
  return others
}

function liveIn(tickets: ReadonlyMap<string, boolean>): number {
  return [...tickets.values()].filter(Boolean).length
}
