import type { Alert } from '../../alerts/alert-store.js'
import type { AuditEntry } from '../../accounts/audit-log.js'
import type { LedgerAccount } from '../../domain/stock/ledger-account.js'
import type { Channel } from '../../domain/channel-record.js'
import type { Connection } from '../../domain/connection-record.js'
import type { Event } from '../../domain/event-record.js'
import type { OnSaleSpan } from '../../rebalancing/on-sale-span-store.js'
import type { PlannedMove } from '../../rebalancing/rebalance-move-store.js'
import type { QuarantinedRecord } from '../../orders/quarantine-store.js'
import type { ProofLine } from '../../stock/proof/proof-chain.js'
import type { DriftItem } from '../../reconciliation/drift/drift-store.js'
import type { ReconciliationRun } from '../../reconciliation/run/run-store.js'
import type { StagedSnapshot } from '../../reconciliation/orders/staged-orders.js'
import type { ChannelName, Platform } from '../../domain/channel.js'
import type { CheckInRow as CheckIn } from '../../door/check-ins/check-in-store.js'
import type { WalkIn } from '../../door/walk-ins/walk-in-store.js'
import type { RecordedDetails } from '../../orders/ticket-details.js'
import type { StoredMode } from '../../system-mode/mode-store.js'
import type { DeliveryStateName } from '../../inbound/dead-letters/deliveries.dto.js'
import type { Payment } from '../../payments/payment-store.js'
import type { ChannelSweep } from '../../inbound/polling/sweep-store.js'
import type { Hold } from '../../domain/hold-record.js'
import type { WaitlistEntry } from '../../waitlist/waitlist-store.js'
import type { SafetyRelease } from '../../safety-stock/release-store.js'
import type { ContentsRecord } from '../../channels/contents/contents-store.js'
import type { SaleKey } from '../../safety-stock/sale-key-store.js'

/** Rows of the tables, with the names and types of the Prisma schema. */

export type EventRow = Event
export type ChannelRow = Channel
export type ConnectionRow = Connection
export type SweepRow = ChannelSweep
export type QuarantinedRow = QuarantinedRecord
export type RunRow = ReconciliationRun
export type DriftRow = DriftItem
export type AlertRow = Alert
export type HoldRow = Hold
export type PaymentRow = Payment
export type WaitlistEntryRow = WaitlistEntry
export type SafetyReleaseRow = SafetyRelease
export type SafetySaleKeyRow = SaleKey
export type CheckInRow = CheckIn
export type WalkInRow = WalkIn
export type ListingContentsRow = ContentsRecord

export interface LedgerRow {
  eventId: string
  epoch: number
  /** Default: 0 and null, no line yet. */
  proofPosition?: number
  proofHash?: string | null
  /** Default: null, not sold out. */
  soldOutSince?: Date | null
}

export interface LedgerCheckpointRow {
  eventId: string
  /** Number of the event's movements that the stored sum includes. */
  movementId: bigint
}

export interface ProofRow extends ProofLine {
  eventId: string
}

export interface BalanceRow {
  eventId: string
  account: string
  units: number
}

export interface OperationRow {
  operationId: string
  eventId: string
  epoch: number
  seq: number
  outcome: 'COMMITTED' | 'VOIDED'
  reason: string
  actor: string | null
  recordedAt: Date
}

export interface MovementRow {
  operationId: string
  part: number
  eventId: string
  from: LedgerAccount
  to: LedgerAccount
  quantity: number
}

export interface OrderRow {
  id: string
  eventId: string
  platform: ChannelName
  channelId: string | null
  externalOrderId: string | null
  state: 'PLACED' | 'CANCELLED'
  quantity: number
  buyerName: string | null
  buyerEmail: string | null
  buyerErasedAt: Date | null
  version: string
  revision: number
  placedAt: Date | null
  seenAt: Date
  updatedAt: Date
}

export interface TicketRow extends RecordedDetails {
  id: string
  orderId: string
  eventId: string
  platform: ChannelName
  channelId: string | null
  externalTicketId: string | null
  ticketClassId: string | null
  seat: string | null
  state: 'VALID' | 'CANCELLED'
  version: string | null
  code: string | null
  createdAt: Date
  cancelledAt: Date | null
  /** Null: the buyer has it. */
  transferredAt: Date | null
  /** The check-in on its platform that was taken back here; null: none was. */
  ignoredCheckInAt: Date | null
}

export interface TicketTransferRow {
  id: string
  ticketId: string
  revokedCode: string
  byId: string
  transferredAt: Date
}

export interface SystemModeRow extends StoredMode {
  id: number
}

/** The key of the only row of the system mode. */
export const SYSTEM_MODE_KEY = '1'

export const NORMAL_MODE: Omit<SystemModeRow, 'since'> = {
  id: 1,
  mode: 'NORMAL',
  forced: false,
  reason: null,
  redisFailedAt: null,
  recoveryStep: null,
  round: 0,
  redisIdentity: null,
  redisCanary: null,
  budgetHolder: null,
}

export interface ModeTransitionRow {
  id: bigint
  mode: StoredMode['mode']
  forced: boolean
  cause: string
  reason: string | null
  actor: string | null
  at: Date
}

export type OnSaleSpanRow = OnSaleSpan

export interface RebalanceMoveRow extends PlannedMove {
  /** The cap that completes the move; null: none does. */
  targetCap: number | null
  confirmedAt: Date | null
}

export interface MailRow {
  id: string
  kind: string
  recipient: string | null
  subject: string | null
  text: string | null
  about: string | null
  createdAt: Date
  attemptedAt: Date | null
  sentAt: Date | null
  failedAt: Date | null
  failure: string | null
}

export interface InboxRow {
  id: bigint
  platform: Platform
  connectionId: string
  deliveryId: string
  headers: Record<string, string>
  body: Uint8Array
  receivedAt: Date
  drainedAt: Date | null
}

export interface DeliveryRow {
  id: string
  platform: Platform
  connectionId: string
  state: DeliveryStateName
  reason: string
  headers: Record<string, string>
  body: Uint8Array
  receivedAt: Date
  attempts: number
  createdAt: Date
  replayedAt: Date | null
}

export interface StagedRow {
  id: bigint
  listing: string
  orderId: string
  snapshot: StagedSnapshot
}

export interface StoredValueRow {
  key: string
  value: unknown
  updatedAt: Date
}

export interface AuditRow extends AuditEntry {
  id: bigint
}

export interface SeatRow {
  eventId: string
  seat: string
  /** In the chart, from 1. */
  position: number
}

export interface SeatClaimRow {
  eventId: string
  seat: string
  holdId: string
  /** Null: the seat is not sold. */
  ticketId: string | null
}
