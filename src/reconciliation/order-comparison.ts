import { differenceOf, type RecordedOrder } from '../domain/order-difference.js'
import type { OrderFact } from '../inventory/order-fact.js'
import { ownTickets } from '../inventory/order-fact.js'
import { roundsOf } from '../inventory/order-rounds.js'

/** How one order stands in the ledger and on the platform. Counts are live tickets. */
export interface OrderComparison {
  before: number
  after: number
  /** Live on the platform only, and in the ledger only. */
  gained: number
  lost: number
  /** Live there, in ticket classes that nobody here sells. */
  unknown: number
  /** Of the lost ones, those that went on in such a class, and those that went on in a class sold elsewhere. */
  movedAway: number
  movedOn: number
}

/** `sold` holds the ticket classes that channels of this listing sell; null: all of them. */
export function compareOrder(
  recorded: RecordedOrder | null,
  facts: readonly OrderFact[],
  soldClasses: ReadonlySet<string> | null,
): OrderComparison {
  const before = recorded?.tickets ?? new Map<string, boolean>()
  const after = convergedTickets(recorded, facts)
  const isLive = (tickets: ReadonlyMap<string, boolean>, id: string) => tickets.get(id) === true
  const ids = [...new Set([...before.keys(), ...after.keys()])]
  const lost = ids.filter((id) => isLive(before, id) && !isLive(after, id))
  const others = otherClasses(facts)
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
    movedAway: moved.filter(isUnknown).length,
    movedOn: moved.filter((id) => !isUnknown(id)).length,
  }
}

/** What the record would show once these facts are applied, by the very rule that applies them. */
function convergedTickets(recorded: RecordedOrder | null, facts: readonly OrderFact[]): Map<string, boolean> {
  let order: RecordedOrder | null = recorded
  for (const fact of roundsOf(facts).flat()) {
    const difference = differenceOf(order, ownTickets(fact))
    if (!difference) continue
    const tickets = new Map(order?.tickets)
    for (const { ticketId } of difference.added) tickets.set(ticketId, true)
    for (const id of difference.revived) tickets.set(id, true)
    for (const id of difference.cancelled) tickets.set(id, false)
    order = { version: fact.snapshot.version, revision: 0, tickets }
  }
  return new Map(order?.tickets)
}

/** Live tickets of classes that are not the channel's own, with their class. */
function otherClasses(facts: readonly OrderFact[]): Map<string, string | null> {
  const others = new Map<string, string | null>()
  for (const { snapshot, ticketClassId } of facts) {
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
