import { ChannelStore } from '../channels/channel-store.js'
import { OnSaleSpanStore } from '../channels/on-sale-span-store.js'
import { RebalanceMoveStore } from '../channels/rebalance-move-store.js'
import { SalesTotals } from '../channels/sales-totals.js'
import { MailOutbox } from '../infrastructure/mail/mail-outbox.js'
import { EventStore } from '../inventory/event-store.js'
import { LedgerStore } from '../inventory/ledger-store.js'
import { OrderStore } from '../inventory/order-store.js'
import { QuarantineStore } from '../inventory/quarantine-store.js'
import { RecountRequests } from '../inventory/recount-requests.js'
import { DriftStore } from '../reconciliation/drift-store.js'
import { RunScheduleStore } from '../reconciliation/run-schedule-store.js'
import { RunStore } from '../reconciliation/run-store.js'
import { StagedOrders } from '../reconciliation/staged-orders.js'
import { ModeStore } from '../system-mode/mode-store.js'
import { FailSafeState } from '../system-mode/fail-safe-state.js'
import { DeliveryStore } from '../webhooks/delivery-store.js'
import { InboxStore } from '../webhooks/inbox-store.js'
import { SignatureStore } from '../webhooks/signature-store.js'
import { SubscriptionStore } from '../webhooks/subscription-store.js'
import { SweepStore } from '../webhooks/sweep-store.js'

/** The repositories of the features: each has one implementation in PostgreSQL and one in memory. */
export const PORTS = {
  events: EventStore,
  ledger: LedgerStore,
  orders: OrderStore,
  quarantine: QuarantineStore,
  recounts: RecountRequests,
  mode: ModeStore,
  channels: ChannelStore,
  failSafe: FailSafeState,
  onSaleSpans: OnSaleSpanStore,
  rebalanceMoves: RebalanceMoveStore,
  salesTotals: SalesTotals,
  mailOutbox: MailOutbox,
  inbox: InboxStore,
  deliveries: DeliveryStore,
  subscriptions: SubscriptionStore,
  signatures: SignatureStore,
  sweeps: SweepStore,
  runs: RunStore,
  runSchedule: RunScheduleStore,
  drifts: DriftStore,
  stagedOrders: StagedOrders,
} as const

export type Stores = { [name in keyof typeof PORTS]: InstanceType<(typeof PORTS)[name]> }
