import type { HoldRow } from '../../src/adapters/memory/rows.js'
import { LIVE_HOLD_STATES, type HoldState } from '../../src/domain/hold.js'
import type { World } from '../world/world.js'
import type { Invariant } from './invariant.js'
import { violation, type Violation } from './violation.js'

const isLive = ({ state }: HoldRow) => (LIVE_HOLD_STATES as readonly HoldState[]).includes(state)

/** I6: a seat belongs to the live hold or the valid ticket that names it, and to no other; every other seat is free. */
export const seatInvariant: Invariant = (world) => {
  const claims = world.database.seatClaims.where(null)
  const owners = new Map(claims.map(({ eventId, seat, holdId }) => [`${eventId} ${seat}`, holdId]))
  const isSold = (hold: HoldRow) => hold.state === 'CONFIRMED' && !world.direct.isCancelled(hold)
  const named = world.database.holds.where(null, (hold) => isLive(hold) || isSold(hold))
  const missing = named.flatMap(({ id, eventId, seats }) =>
    seats
      .filter((seat) => owners.get(`${eventId} ${seat}`) !== id)
      .map((seat) => `seat ${seat} of ${id} is not its own`),
  )
  const wrong = claims.flatMap((claim) => problemOf(world, claim) ?? [])
  return [...missing, ...wrong].map((detail): Violation => violation('I6', detail))
}

function problemOf(
  { database }: World,
  { seat, holdId, ticketId }: { seat: string; holdId: string; ticketId: string | null },
): string | null {
  const hold = database.holds.get(null, holdId)
  if (!hold?.seats.includes(seat)) return `seat ${seat} belongs to ${holdId}, which does not name it`
  if (isLive(hold)) return ticketId === null ? null : `seat ${seat} of the live hold ${holdId} has a ticket`
  const ticket = ticketId === null ? undefined : database.tickets.get(null, ticketId)
  const isSold = hold.state === 'CONFIRMED' && ticket?.state === 'VALID' && ticket.seat === seat
  return isSold ? null : `seat ${seat} belongs to ${holdId}, which is ${hold.state}`
}
