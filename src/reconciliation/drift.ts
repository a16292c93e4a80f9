import type { Platform } from '../domain/channel.js'
import type { DriftKind } from '../generated/prisma/enums.js'

/** One difference between the ledger and the truth it should show. */
export interface Drift {
  eventId: string
  /** Null: the event's stock gate. */
  channel: Platform | null
  kind: DriftKind
  externalOrderId: string | null
  /** Tickets of an order, a cap, a mode, or the accounts of a gate. Null: unknown or none. */
  ledger: DriftValue
  platform: DriftValue
  corrected: boolean
  /** For a person. */
  detail: string
}

export type DriftValue = number | string | Record<string, number> | null

/** Takes what was found, as it is found: there may be more than fits in memory. */
export type DriftSink = (drifts: readonly Drift[]) => Promise<void>
