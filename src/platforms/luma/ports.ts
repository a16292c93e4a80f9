import type { LumaClient } from './client.js'
import type { SeatCounter } from './seat-counter.js'
import type { TypeMemory } from './type-memory.js'

/** What the operations of the adapter share. */
export interface LumaPorts {
  client: LumaClient
  types: TypeMemory
  seats: SeatCounter
  now: () => Date
}
