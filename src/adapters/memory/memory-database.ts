import type { Clock } from '../../infrastructure/time/clock.js'
import type { Timers } from '../../infrastructure/time/timers.js'
import { LockRegistry } from '../../infrastructure/locks/memory-locks.js'
import { withTimeout } from '../../infrastructure/time/with-timeout.js'
import { environmentConnectionRows } from './connections/new-connection-row.js'
import { assertHoldChange } from './holds/hold-checks.js'
import { confirmMoves } from './rebalancing/move-confirmation.js'
import { assertPaymentChange } from './payments/payment-checks.js'
import { FairLocks } from './fair-locks.js'
import { MemoryTable } from './memory-table.js'
import { MemoryTransaction, type DatabaseLocks } from './memory-transaction.js'
import { NORMAL_MODE } from './rows.js'
import type * as Rows from './rows.js'

/** The primary key of a line of a proof. */
export const proofKey = (eventId: string, position: number) => `${eventId} ${position}`

/** As `lock_timeout` of the PostgreSQL pool. */
const LOCK_TIMEOUT_MS = 5_000
const LOCK_NOT_AVAILABLE = '55P03'

/** The unique key of an operation besides its id: its position in the history of a gate. */
export function positionKey({ eventId, epoch, seq }: Pick<Rows.OperationRow, 'eventId' | 'epoch' | 'seq'>): string {
  return `${eventId} ${epoch} ${seq}`
}

/** The primary key of a span. */
export function spanKey(span: Pick<Rows.OnSaleSpanRow, 'eventId' | 'channelId' | 'openedAt'>): string {
  return `${span.eventId} ${span.channelId} ${span.openedAt.getTime()}`
}

/** The primary key of a seat and of its claim. */
export function seatKey({ eventId, seat }: Pick<Rows.SeatRow, 'eventId' | 'seat'>): string {
  return `${eventId} ${seat}`
}

/** The unique key of a hold besides its id; null: it has no idempotency key. */
export function holdKey(hold: Pick<Rows.HoldRow, 'eventId' | 'accountId' | 'idempotencyKey'>): string | null {
  const { eventId, accountId, idempotencyKey } = hold
  return accountId === null || idempotencyKey === null ? null : `${eventId} ${accountId} ${idempotencyKey}`
}

/** The unique key of a walk-in besides its id; null: it has no idempotency key. */
export function walkInKey(walkIn: Pick<Rows.WalkInRow, 'eventId' | 'userId' | 'idempotencyKey'>): string | null {
  const { eventId, userId, idempotencyKey } = walkIn
  return idempotencyKey === null ? null : `${eventId} ${userId} ${idempotencyKey}`
}

/** The primary key of a sale's idempotency key. */
export function saleKey(key: Pick<Rows.SafetySaleKeyRow, 'eventId' | 'userId' | 'idempotencyKey'>): string {
  return `${key.eventId} ${key.userId} ${key.idempotencyKey}`
}

/** The unique key of what a platform created; null: the service did. */
export function externalKey(channelId: string | null, externalId: string | null): string | null {
  return channelId === null || externalId === null ? null : `${channelId} ${externalId}`
}

/**
 * The tables of the service in memory. As in PostgreSQL at READ COMMITTED: a transaction sees its own changes and what
 * others have committed, its changes appear together when it commits, and none of them if its work throws; a row that it
 * has changed is locked until then. Each process has a connection of its own to one database (`connect`).
 */
export class MemoryDatabase implements DatabaseLocks {
  readonly events = new MemoryTable<Rows.EventRow>('events', ({ id }) => id)
  readonly ledgers = new MemoryTable<Rows.LedgerRow>('ledgers', ({ eventId }) => eventId)
  readonly ledgerCheckpoints = new MemoryTable<Rows.LedgerCheckpointRow>('ledger_checkpoints', ({ eventId }) => eventId)
  readonly balances = new MemoryTable<Rows.BalanceRow>(
    'balances',
    ({ eventId, account }) => `${eventId} ${account}`,
    [],
    ['eventId'],
  )
  readonly operations = new MemoryTable<Rows.OperationRow>(
    'stock_operations',
    ({ operationId }) => operationId,
    [positionKey],
    ['eventId'],
  )
  readonly movements = new MemoryTable<Rows.MovementRow>(
    'stock_movements',
    ({ operationId, part }) => `${operationId} ${part}`,
    [],
    ['eventId', 'operationId'],
  )
  readonly proofEntries = new MemoryTable<Rows.ProofRow>(
    'proof_entries',
    ({ eventId, position }) => proofKey(eventId, position),
    [],
    ['eventId'],
  )
  readonly connections = new MemoryTable<Rows.ConnectionRow>('connections', ({ id }) => id)
  readonly channels = new MemoryTable<Rows.ChannelRow>('channels', ({ id }) => id, [], ['eventId'])
  readonly listingContents = new MemoryTable<Rows.ListingContentsRow>('listing_contents', ({ channelId }) => channelId)
  readonly orders = new MemoryTable<Rows.OrderRow>(
    'orders',
    ({ id }) => id,
    [({ channelId, externalOrderId }) => externalKey(channelId, externalOrderId)],
    ['eventId', 'channelId', 'externalOrderId'],
  )
  readonly tickets = new MemoryTable<Rows.TicketRow>(
    'tickets',
    ({ id }) => id,
    [
      ({ channelId, externalTicketId }) => externalKey(channelId, externalTicketId),
      ({ code }) => code,
      // A seat has at most one live ticket.
      ({ eventId, seat, state }) => (seat !== null && state === 'VALID' ? seatKey({ eventId, seat }) : null),
    ],
    ['orderId', 'channelId'],
  )
  readonly ticketTransfers = new MemoryTable<Rows.TicketTransferRow>(
    'ticket_transfers',
    ({ id }) => id,
    [({ revokedCode }) => revokedCode],
    ['ticketId'],
  )
  readonly checkIns = new MemoryTable<Rows.CheckInRow>('check_ins', ({ ticketId }) => ticketId)
  readonly walkIns = new MemoryTable<Rows.WalkInRow>('walk_ins', ({ id }) => id, [walkInKey])
  readonly quarantinedRecords = new MemoryTable<Rows.QuarantinedRow>(
    'quarantined_records',
    ({ id }) => id,
    [],
    ['channelId'],
  )
  readonly systemMode = new MemoryTable<Rows.SystemModeRow>('system_mode', ({ id }) => String(id))
  readonly modeTransitions = new MemoryTable<Rows.ModeTransitionRow>('mode_transitions', ({ id }) => String(id))
  readonly inbox = new MemoryTable<Rows.InboxRow>('webhook_inbox', ({ id }) => String(id))
  readonly deliveries = new MemoryTable<Rows.DeliveryRow>('webhook_deliveries', ({ id }) => id)
  readonly sweeps = new MemoryTable<Rows.SweepRow>('channel_sweeps', ({ channelId }) => channelId)
  readonly storedValues = new MemoryTable<Rows.StoredValueRow>('stored_values', ({ key }) => key)
  readonly onSaleSpans = new MemoryTable<Rows.OnSaleSpanRow>(
    'on_sale_spans',
    spanKey,
    // A channel is on sale once at a time.
    [({ eventId, channelId, closedAt }) => (closedAt === null ? `${eventId} ${channelId}` : null)],
    ['eventId'],
  )
  readonly rebalanceMoves = new MemoryTable<Rows.RebalanceMoveRow>('rebalance_moves', ({ id }) => id, [], ['eventId'])
  readonly mails = new MemoryTable<Rows.MailRow>('mails', ({ id }) => id)
  readonly reconciliationRuns = new MemoryTable<Rows.RunRow>('reconciliation_runs', ({ id }) => id, [
    ({ state }) => (state === 'RUNNING' ? state : null),
  ])
  readonly alerts = new MemoryTable<Rows.AlertRow>('alerts', ({ id }) => id, [
    ({ dedupeKey, resolvedAt }) => (resolvedAt === null ? dedupeKey : null),
  ])
  readonly auditEntries = new MemoryTable<Rows.AuditRow>('audit_entries', ({ id }) => String(id))
  readonly seats = new MemoryTable<Rows.SeatRow>('seats', seatKey, [], ['eventId'])
  readonly seatClaims = new MemoryTable<Rows.SeatClaimRow>(
    'seat_claims',
    seatKey,
    [({ ticketId }) => ticketId],
    ['holdId'],
  )
  readonly holds = new MemoryTable<Rows.HoldRow>(
    'holds',
    ({ id }) => id,
    [holdKey, ({ orderId }) => orderId],
    ['eventId', 'state'],
  )
  readonly payments = new MemoryTable<Rows.PaymentRow>(
    'payments',
    ({ id }) => id,
    [({ holdId }) => holdId, ({ reference }) => reference, ({ replacementHoldId }) => replacementHoldId],
    ['state'],
  )
  readonly waitlistEntries = new MemoryTable<Rows.WaitlistEntryRow>(
    'waitlist_entries',
    ({ id }) => id,
    [({ holdId }) => holdId],
    ['eventId'],
  )
  readonly safetyReleases = new MemoryTable<Rows.SafetyReleaseRow>('safety_releases', ({ id }) => id)
  readonly safetySaleKeys = new MemoryTable<Rows.SafetySaleKeyRow>('safety_sale_keys', saleKey)
  readonly reconciliationItems = new MemoryTable<Rows.DriftRow>(
    'reconciliation_items',
    ({ id }) => id,
    [],
    ['runId', 'eventId'],
  )
  readonly stagedOrders = new MemoryTable<Rows.StagedRow>(
    'reconciliation_staged',
    ({ id }) => String(id),
    [],
    ['listing'],
  )

  private readonly locks = new FairLocks()
  private readonly ids = { last: 0 }
  private readonly tables: readonly MemoryTable<object>[]
  /** Of a connection: the database. */
  private readonly server: MemoryDatabase | null = null
  private outage: (() => Error) | null = null
  private readonly open = new Set<MemoryTransaction>()

  /** `names`: the locks of `Locks`, which transactions wait for as well. */
  constructor(
    readonly clock: Clock,
    private readonly timers: Timers,
    private readonly names = new LockRegistry(),
  ) {
    this.tables = Object.values(this).filter((value): value is MemoryTable<object> => value instanceof MemoryTable)
    for (const table of this.tables) table.useLocks(this)
    this.channels.afterUpdate = (scope, before, after) => confirmMoves(this.rebalanceMoves, scope, before, after)
    this.holds.beforeUpdate = assertHoldChange
    this.payments.beforeUpdate = assertPaymentChange
    // Created by migrations.
    void this.systemMode.insert(null, { ...NORMAL_MODE, since: clock.now() })
    for (const row of environmentConnectionRows(clock.now())) void this.connections.insert(null, row)
  }

  /**
   * The connections of one process: the same tables, locks and clock, with an availability and transactions of its own.
   * An outage of the database is one of every connection.
   */
  connect(): MemoryDatabase {
    const own = { server: this, outage: null, open: new Set() }
    return Object.assign(Object.create(this) as MemoryDatabase, own)
  }

  /**
   * Ends the connections as the end of the process does: open transactions are rolled back and their locks released at
   * once. Every further access rejects until `setOutage(null)`.
   */
  disconnect(): void {
    this.setOutage(() => new Error('Connection terminated unexpectedly'))
    for (const transaction of this.open) this.rollBack(transaction)
  }

  /** The next value of a sequence. */
  nextId(): bigint {
    return BigInt(++this.ids.last)
  }

  /** From now on every access rejects with this error; null: the database is available again. */
  setOutage(error: (() => Error) | null): void {
    this.outage = error
  }

  /** Called by every store before it reads or writes. */
  assertAvailable(): void {
    this.server?.assertAvailable()
    if (this.outage) throw this.outage()
  }

  async transaction<T>(work: (transaction: MemoryTransaction) => Promise<T>): Promise<T> {
    this.assertAvailable()
    const transaction = new MemoryTransaction(this)
    this.open.add(transaction)
    try {
      const result = await work(transaction)
      this.assertAvailable()
      transaction.assertOpen()
      this.commit(transaction)
      return result
    } finally {
      this.rollBack(transaction)
    }
  }

  /** Waits for the lock and returns the function that releases it. Rejects when it takes too long, as PostgreSQL does. */
  lock(key: string): Promise<() => void> {
    return this.waitFor(key, LOCK_TIMEOUT_MS, (late) => this.locks.lock(key, late))
  }

  /** As `lock`, of a name that `Locks` locks as well. */
  lockName(name: string, timeoutMs: number): Promise<() => void> {
    return this.waitFor(name, timeoutMs, (late) => this.names.lockInTransaction(name, late))
  }

  /** Locks `key` if it is free; null: it is not. */
  tryLock(key: string): (() => void) | null {
    return this.locks.tryLock(key)
  }

  /** As `tryLock`, of a name that `Locks` locks as well. */
  tryLockName(name: string): (() => void) | null {
    return this.names.tryLockInTransaction(name)
  }

  private async waitFor(
    lock: string,
    timeoutMs: number,
    request: (late: AbortSignal) => Promise<() => void>,
  ): Promise<() => void> {
    try {
      return await withTimeout(timeoutMs, request, this.timers)
    } catch (error) {
      const message = `canceling statement due to lock timeout (${lock})`
      throw Object.assign(new Error(message, { cause: error }), { code: LOCK_NOT_AVAILABLE })
    }
  }

  /** The changes become visible to all, together. */
  protected commit(transaction: MemoryTransaction): void {
    for (const table of this.tables) table.commit(transaction)
  }

  /** After a commit, only the locks are released. */
  protected rollBack(transaction: MemoryTransaction): void {
    this.open.delete(transaction)
    for (const table of this.tables) table.rollBack(transaction)
    transaction.end()
  }
}
