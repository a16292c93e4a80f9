import type { Platform } from '../channel.js'
import type { Movement } from '../stock/posting.js'

/** The result of applying the newest snapshots of a platform order. */
export interface AppliedOrder {
  platform: Platform
  externalOrderId: string
  /** Order time as reported by the platform; null: not reported. */
  placedAt: Date | null
  /** Change in the number of live tickets, without tickets moved from or to other orders. */
  delta: number
  /** False: a duplicate, older than the record, or no change. */
  changed: boolean
  /** Why it could not be stored, without personal data; null: stored. */
  refused: string | null
  /** Tickets of this order that exceed the capacity. */
  oversold: number
  movements: readonly Movement[]
}
