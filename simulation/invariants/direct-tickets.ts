import { DIRECT } from '../../src/domain/channel.js'
import { sold, unitsOf } from '../../src/domain/stock/ledger-account.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation, type Violation } from './violation.js'

/**
 * I5: tickets exist exactly for what is sold directly: as many as the ledger has sold, as many per order as its hold had
 * units, and those that a response contained; none of an order that staff have cancelled.
 */
export const directTicketInvariant: Invariant = (world) => [
  ...world.events.flatMap(({ id }) => ticketsOfEvent(world, id)),
  ...[...world.direct.promised].flatMap(([holdId, ids]) => promisedTickets(world, holdId, ids)),
]

function ticketsOfEvent(world: World, eventId: string): Violation[] {
  const { orders, tickets, holds } = world.database
  const direct = orders.whereKey(null, 'eventId', eventId, ({ platform }) => platform === 'DIRECT')
  const valid = new Map(
    direct.map(({ id }) => [id, tickets.whereKey(null, 'orderId', id, ({ state }) => state === 'VALID').length]),
  )
  const total = [...valid.values()].reduce((sum, count) => sum + count, 0)
  const units = unitsOf(world.balancesOf(eventId), sold(DIRECT))
  const wrong = holds
    .whereKey(null, 'eventId', eventId, ({ state }) => state === 'CONFIRMED')
    .filter((hold) => valid.get(hold.orderId ?? '') !== (world.direct.isCancelled(hold) ? 0 : hold.quantity))
  return [
    ...(total === units ? [] : [violation('I5', `${eventId}: ${units} are sold directly, ${total} tickets are valid`)]),
    ...wrong.map(({ id, orderId, quantity }) =>
      violation('I5', `hold ${id} of ${quantity} has ${valid.get(orderId ?? '') ?? 'no'} tickets`),
    ),
  ]
}

function promisedTickets({ database, direct }: World, holdId: string, ids: readonly string[]): Violation[] {
  const hold = database.holds.get(null, holdId)
  if (hold && direct.isCancelled(hold)) return []
  const quantity = hold?.quantity
  const valid = ids.filter((id) => database.tickets.get(null, id)?.state === 'VALID')
  if (valid.length === ids.length && ids.length === quantity) return []
  return [violation('I5', `the buyer of ${holdId} has ${ids.length} of ${quantity} tickets, ${valid.length} are valid`)]
}
