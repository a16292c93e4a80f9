import { AlertStore } from '../alerts/alert-store.js'
import { ChannelHealth } from '../alert-conditions/channel-health.js'
import { AuditLog } from '../accounts/audit-log.js'
import { ConnectionStore } from '../connections/connection-store.js'
import { StoredSecrets } from '../infrastructure/encryption/stored-secrets.js'
import { ChannelStore } from '../channels/channel-store.js'
import { ContentsStore } from '../channels/contents/contents-store.js'
import { OnSaleSpanStore } from '../rebalancing/on-sale-span-store.js'
import { RebalanceMoveStore } from '../rebalancing/rebalance-move-store.js'
import { SalesTotals } from '../rebalancing/sales-totals.js'
import { MailOutbox } from '../infrastructure/mail/mail-outbox.js'
import { EventStore } from '../stock/event-store.js'
import { LedgerStore } from '../stock/ledger-store.js'
import { OrderStore } from '../orders/order-store.js'
import { QuarantineStore } from '../orders/quarantine-store.js'
import { RecountRequests } from '../orders/recount-requests.js'
import { DriftStore } from '../reconciliation/drift/drift-store.js'
import { RunScheduleStore } from '../reconciliation/run/run-schedule-store.js'
import { RunStore } from '../reconciliation/run/run-store.js'
import { StagedOrders } from '../reconciliation/orders/staged-orders.js'
import { ModeStore } from '../system-mode/mode-store.js'
import { FailSafeState } from '../system-mode/fail-safe-state.js'
import { DeliveryStore } from '../inbound/dead-letters/delivery-store.js'
import { InboxStore } from '../inbound/receive/inbox-store.js'
import { SignatureStore } from '../inbound/receive/signature-store.js'
import { SubscriptionStore } from '../inbound/subscriptions/subscription-store.js'
import { ChannelCount } from '../platforms/channel-count.js'
import { TokenStores } from '../platforms/meetup/access/token-store.js'
import { HoldSeats } from '../holds/hold-seats.js'
import { HoldStore } from '../holds/hold-store.js'
import { OfferedEntries } from '../holds/offered-entries.js'
import { PaymentStore } from '../payments/payment-store.js'
import { SeatStore } from '../seats/seat-store.js'
import { ReleaseStore } from '../safety-stock/release-store.js'
import { SaleKeyStore } from '../safety-stock/sale-key-store.js'
import { TicketStore } from '../tickets/ticket-store.js'
import { WaitlistStore } from '../waitlist/waitlist-store.js'
import { CheckInStore } from '../door/check-ins/check-in-store.js'
import { WalkInStore } from '../door/walk-ins/walk-in-store.js'
import { Transactions } from '../infrastructure/transactions.js'
import { SweepStore } from '../inbound/polling/sweep-store.js'
import { DirectOrderStore } from '../tickets/direct-order-store.js'

/** The repositories of the features: each has one implementation in PostgreSQL and one in memory. */
export const PORTS = {
  events: EventStore,
  ledger: LedgerStore,
  orders: OrderStore,
  quarantine: QuarantineStore,
  recounts: RecountRequests,
  mode: ModeStore,
  connections: ConnectionStore,
  storedSecrets: StoredSecrets,
  channels: ChannelStore,
  contents: ContentsStore,
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
  alerts: AlertStore,
  channelHealth: ChannelHealth,
  channelCount: ChannelCount,
  tokens: TokenStores,
  auditLog: AuditLog,
  seats: SeatStore,
  waitlist: WaitlistStore,
  releases: ReleaseStore,
  saleKeys: SaleKeyStore,
  ticketCodes: TicketStore,
  directOrders: DirectOrderStore,
  holds: HoldStore,
  holdSeats: HoldSeats,
  offeredEntries: OfferedEntries,
  payments: PaymentStore,
  checkIns: CheckInStore,
  walkIns: WalkInStore,
  transactions: Transactions,
} as const

export type Stores = { [name in keyof typeof PORTS]: InstanceType<(typeof PORTS)[name]> }
