import type { Platform } from '../../domain/channel.js'

export const DRIFT_KINDS = [
  'MISSING_SALE',
  'MISSING_CANCELLATION',
  'UNKNOWN_TICKET_CLASS',
  'CAP_DRIFT',
  'MODE_DRIFT',
  'GATE_DRIFT',
  'UNREADABLE',
] as const
export type DriftKind = (typeof DRIFT_KINDS)[number]

/** One difference between the ledger and what it should reflect. */
export interface Drift {
  eventId: string
  /** Null: the event's stock gate. */
  channel: Platform | null
  kind: DriftKind
  externalOrderId: string | null
  /** Tickets of an order, a cap, a mode, or accounts of a gate; null if unknown or none. */
  ledger: DriftValue
  platform: DriftValue
  corrected: boolean
  /** For operators. */
  detail: string
}

export type DriftValue = number | string | Record<string, number> | null

/** Receives drift as it is found: the total may not fit in memory. */
export type DriftSink = (drifts: readonly Drift[]) => Promise<void>
