import type { PrismaClient } from '../../generated/prisma/client.js'
import type { Stores } from '../ports.js'
import { PrismaChannelHealth } from './alert-conditions/channel-health.js'
import { PrismaAlertStore } from './alerts/alert-store.js'
import { PrismaAuditLog } from './accounts/audit-log.js'
import { PrismaConnectionStore } from './connections/connection-store.js'
import { PrismaStoredSecrets } from './encryption/stored-secrets.js'
import { PrismaChannelStore } from './channels/channel-store.js'
import { PrismaContentsStore } from './contents/contents-store.js'
import { PrismaOnSaleSpanStore } from './rebalancing/on-sale-span-store.js'
import { PrismaRebalanceMoveStore } from './rebalancing/rebalance-move-store.js'
import { PrismaSalesTotals } from './rebalancing/sales-totals.js'
import { PrismaEventStore } from './stock/event-store.js'
import { PrismaModeStore } from './fail-safe/mode-store.js'
import { PrismaLedgerStore } from './stock/ledger-store.js'
import { PrismaMailOutbox } from './mail/mail-outbox.js'
import { PrismaOrderStore } from './orders/order-store.js'
import { PrismaQuarantineStore } from './orders/quarantine-store.js'
import { PrismaDriftStore } from './reconciliation/drift-store.js'
import { PrismaRunScheduleStore } from './reconciliation/run-schedule-store.js'
import { PrismaRunStore } from './reconciliation/run-store.js'
import { PrismaStagedOrders } from './reconciliation/staged-orders.js'
import { PrismaRecountRequests } from './orders/recount-requests.js'
import { PrismaFailSafeState } from './fail-safe/fail-safe-state.js'
import { PrismaDeliveryStore } from './inbound/delivery-store.js'
import { PrismaInboxStore } from './inbound/inbox-store.js'
import { PrismaSignatureStore } from './inbound/signature-store.js'
import { PrismaSubscriptionStore } from './inbound/subscription-store.js'
import { PrismaChannelCount } from './platforms/channel-count.js'
import { PrismaTokenStores } from './platforms/token-stores.js'
import { PrismaSweepStore } from './inbound/sweep-store.js'
import { PrismaSeatStore } from './seats/seat-store.js'
import { PrismaReleaseStore } from './safety-stock/release-store.js'
import { PrismaSaleKeyStore } from './safety-stock/sale-key-store.js'
import { PrismaTicketStore } from './tickets/ticket-store.js'
import { PrismaWaitlistStore } from './waitlist/waitlist-store.js'
import { PrismaHoldSeats } from './holds/hold-seats.js'
import { PrismaHoldStore } from './holds/hold-store.js'
import { PrismaOfferedEntries } from './holds/offered-entries.js'
import { PrismaPaymentStore } from './payments/payment-store.js'
import { PrismaDirectOrderStore } from './tickets/direct-order-store.js'
import { PrismaCheckInStore } from './door/check-in-store.js'
import { PrismaWalkInStore } from './door/walk-in-store.js'
import { PrismaTransactions } from './transactions.js'

export function prismaStores(prisma: PrismaClient): Stores {
  return {
    events: new PrismaEventStore(prisma),
    ledger: new PrismaLedgerStore(prisma),
    orders: new PrismaOrderStore(prisma),
    quarantine: new PrismaQuarantineStore(prisma),
    recounts: new PrismaRecountRequests(prisma),
    mode: new PrismaModeStore(prisma),
    connections: new PrismaConnectionStore(prisma),
    storedSecrets: new PrismaStoredSecrets(prisma),
    channels: new PrismaChannelStore(prisma),
    contents: new PrismaContentsStore(prisma),
    failSafe: new PrismaFailSafeState(prisma),
    onSaleSpans: new PrismaOnSaleSpanStore(prisma),
    rebalanceMoves: new PrismaRebalanceMoveStore(prisma),
    salesTotals: new PrismaSalesTotals(prisma),
    mailOutbox: new PrismaMailOutbox(prisma),
    inbox: new PrismaInboxStore(prisma),
    deliveries: new PrismaDeliveryStore(prisma),
    subscriptions: new PrismaSubscriptionStore(prisma),
    signatures: new PrismaSignatureStore(prisma),
    sweeps: new PrismaSweepStore(prisma),
    runs: new PrismaRunStore(prisma),
    runSchedule: new PrismaRunScheduleStore(prisma),
    drifts: new PrismaDriftStore(prisma),
    stagedOrders: new PrismaStagedOrders(prisma),
    alerts: new PrismaAlertStore(prisma),
    channelHealth: new PrismaChannelHealth(prisma),
    channelCount: new PrismaChannelCount(prisma),
    tokens: new PrismaTokenStores(prisma),
    auditLog: new PrismaAuditLog(prisma),
    seats: new PrismaSeatStore(prisma),
    waitlist: new PrismaWaitlistStore(prisma),
    releases: new PrismaReleaseStore(prisma),
    saleKeys: new PrismaSaleKeyStore(),
    ticketCodes: new PrismaTicketStore(prisma),
    directOrders: new PrismaDirectOrderStore(prisma),
    holds: new PrismaHoldStore(prisma),
    holdSeats: new PrismaHoldSeats(),
    offeredEntries: new PrismaOfferedEntries(),
    payments: new PrismaPaymentStore(prisma),
    checkIns: new PrismaCheckInStore(prisma),
    walkIns: new PrismaWalkInStore(),
    transactions: new PrismaTransactions(prisma),
  }
}
