import type { LumaClient } from './client/client.js'
import type { SeatCounter } from './caps/seat-counter.js'
import type { TicketTypeCache } from './caps/ticket-type-cache.js'

/** Dependencies shared by the operations of the adapter. */
export interface LumaPorts {
  client: LumaClient
  ticketTypes: TicketTypeCache
  seats: SeatCounter
  now: () => Date
}
