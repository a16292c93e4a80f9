import type { Stores } from '../ports.js'
import { MemoryChannelHealth } from './alert-conditions/channel-health.js'
import { MemoryAlertStore } from './alerts/alert-store.js'
import { MemoryAuditLog } from './accounts/audit-log.js'
import { MemoryConnectionStore } from './connections/connection-store.js'
import { MemoryStoredSecrets } from './encryption/stored-secrets.js'
import { MemoryChannelStore } from './channels/channel-store.js'
import { MemoryContentsStore } from './contents/contents-store.js'
import { MemoryOnSaleSpanStore } from './rebalancing/on-sale-span-store.js'
import { MemoryRebalanceMoveStore } from './rebalancing/rebalance-move-store.js'
import { MemorySalesTotals } from './rebalancing/sales-totals.js'
import { MemoryEventStore } from './stock/event-store.js'
import { MemoryModeStore } from './fail-safe/mode-store.js'
import { MemoryLedgerStore } from './stock/ledger-store.js'
import type { MemoryDatabase } from './memory-database.js'
import { MemoryMailOutbox } from './mail/mail-outbox.js'
import { MemoryOrderStore } from './orders/order-store.js'
import { MemoryQuarantineStore } from './orders/quarantine-store.js'
import { MemoryDriftStore } from './reconciliation/drift-store.js'
import { MemoryRunScheduleStore } from './reconciliation/run-schedule-store.js'
import { MemoryRunStore } from './reconciliation/run-store.js'
import { MemoryStagedOrders } from './reconciliation/staged-orders.js'
import { MemoryRecountRequests } from './orders/recount-requests.js'
import { MemoryFailSafeState } from './fail-safe/fail-safe-state.js'
import { MemoryDeliveryStore } from './inbound/delivery-store.js'
import { MemoryInboxStore } from './inbound/inbox-store.js'
import { MemorySignatureStore } from './inbound/signature-store.js'
import { MemorySubscriptionStore } from './inbound/subscription-store.js'
import { MemoryChannelCount } from './platforms/channel-count.js'
import { MemoryTokenStores } from './platforms/token-stores.js'
import { MemorySweepStore } from './inbound/sweep-store.js'
import { MemorySeatStore } from './seats/seat-store.js'
import { MemoryReleaseStore } from './safety-stock/release-store.js'
import { MemorySaleKeyStore } from './safety-stock/sale-key-store.js'
import { MemoryTicketStore } from './tickets/ticket-store.js'
import { MemoryWaitlistStore } from './waitlist/waitlist-store.js'
import { MemoryHoldSeats } from './holds/hold-seats.js'
import { MemoryHoldStore } from './holds/hold-store.js'
import { MemoryOfferedEntries } from './holds/offered-entries.js'
import { MemoryPaymentStore } from './payments/payment-store.js'
import { MemoryDirectOrderStore } from './tickets/direct-order-store.js'
import { MemoryCheckInStore } from './door/check-in-store.js'
import { MemoryWalkInStore } from './door/walk-in-store.js'
import { MemoryTransactions } from './transactions.js'

/** Stores that share one database, as those of all processes do. */
export function memoryStores(database: MemoryDatabase): Stores {
  return {
    events: new MemoryEventStore(database),
    ledger: new MemoryLedgerStore(database),
    orders: new MemoryOrderStore(database),
    quarantine: new MemoryQuarantineStore(database),
    recounts: new MemoryRecountRequests(database),
    mode: new MemoryModeStore(database),
    connections: new MemoryConnectionStore(database),
    storedSecrets: new MemoryStoredSecrets(database),
    channels: new MemoryChannelStore(database),
    contents: new MemoryContentsStore(database),
    failSafe: new MemoryFailSafeState(database),
    onSaleSpans: new MemoryOnSaleSpanStore(database),
    rebalanceMoves: new MemoryRebalanceMoveStore(database),
    salesTotals: new MemorySalesTotals(database),
    mailOutbox: new MemoryMailOutbox(database),
    inbox: new MemoryInboxStore(database),
    deliveries: new MemoryDeliveryStore(database),
    subscriptions: new MemorySubscriptionStore(database),
    signatures: new MemorySignatureStore(database),
    sweeps: new MemorySweepStore(database),
    runs: new MemoryRunStore(database),
    runSchedule: new MemoryRunScheduleStore(database),
    drifts: new MemoryDriftStore(database),
    stagedOrders: new MemoryStagedOrders(database),
    alerts: new MemoryAlertStore(database),
    channelHealth: new MemoryChannelHealth(database),
    channelCount: new MemoryChannelCount(database),
    tokens: new MemoryTokenStores(database),
    auditLog: new MemoryAuditLog(database),
    seats: new MemorySeatStore(database),
    waitlist: new MemoryWaitlistStore(database),
    releases: new MemoryReleaseStore(database),
    saleKeys: new MemorySaleKeyStore(database),
    ticketCodes: new MemoryTicketStore(database),
    directOrders: new MemoryDirectOrderStore(database),
    holds: new MemoryHoldStore(database),
    holdSeats: new MemoryHoldSeats(database),
    offeredEntries: new MemoryOfferedEntries(database),
    payments: new MemoryPaymentStore(database),
    checkIns: new MemoryCheckInStore(database),
    walkIns: new MemoryWalkInStore(database),
    transactions: new MemoryTransactions(database),
  }
}
