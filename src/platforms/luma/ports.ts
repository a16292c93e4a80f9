import type { LumaClient } from './client.js'
import type { SeatCounter } from './seat-counter.js'
import type { TicketTypeCache } from './ticket-type-cache.js'

/** Dependencies shared by the operations of the adapter. */
export interface LumaPorts {
  client: LumaClient
  ticketTypes: TicketTypeCache
  seats: SeatCounter
  now: () => Date
}
