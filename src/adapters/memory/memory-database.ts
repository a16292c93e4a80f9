import type { Clock } from '../../infrastructure/time/clock.js'
import type { Timers } from '../../infrastructure/time/timers.js'
import { withTimeout } from '../../infrastructure/time/with-timeout.js'
import { DatabaseTransaction } from '../../infrastructure/transaction.js'
import { confirmMoves } from './rebalancing/move-confirmation.js'
import { FairLocks } from './fair-locks.js'
import { MemoryTable } from './memory-table.js'
import { NORMAL_MODE } from './rows.js'
import type * as Rows from './rows.js'

/** The lock of a channel's row, for transactions that lock or skip it. */
export const channelLock = (channelId: string) => `channel ${channelId}`

export const proofKey = (eventId: string, position: number) => `${eventId} ${position}`

/** As `lock_timeout` of the PostgreSQL pool. */
const LOCK_TIMEOUT_MS = 5_000
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * The tables of the service in memory. As in PostgreSQL at READ COMMITTED: a transaction sees its own changes and what
 * others have committed, its changes appear together when it commits, and none of them if its work throws. Unlike there,
 * a change outside a transaction does not wait for a transaction that has changed the same row.
 */
export class MemoryDatabase {
  readonly events = new MemoryTable<Rows.EventRow>('events', ({ id }) => id)
  readonly ledgers = new MemoryTable<Rows.LedgerRow>('ledgers', ({ eventId }) => eventId)
  readonly balances = new MemoryTable<Rows.BalanceRow>('balances', ({ eventId, account }) => `${eventId} ${account}`)
  readonly operations = new MemoryTable<Rows.OperationRow>('stock_operations', ({ operationId }) => operationId, [
    ({ eventId, epoch, seq }) => `${eventId} ${epoch} ${seq}`,
  ])
  readonly movements = new MemoryTable<Rows.MovementRow>('stock_movements', ({ operationId, part }) =>
    [operationId, part].join(' '),
  )
  readonly proofEntries = new MemoryTable<Rows.ProofRow>('proof_entries', ({ eventId, position }) =>
    proofKey(eventId, position),
  )
  readonly channels = new MemoryTable<Rows.ChannelRow>('channels', ({ id }) => id)
  readonly orders = new MemoryTable<Rows.OrderRow>('orders', ({ id }) => id, [
    ({ channelId, externalOrderId }) =>
      channelId === null || externalOrderId === null ? null : `${channelId} ${externalOrderId}`,
  ])
  readonly tickets = new MemoryTable<Rows.TicketRow>('tickets', ({ id }) => id, [
    ({ channelId, externalTicketId }) =>
      channelId === null || externalTicketId === null ? null : `${channelId} ${externalTicketId}`,
  ])
  readonly quarantinedRecords = new MemoryTable<Rows.QuarantinedRow>('quarantined_records', ({ id }) => id)
  readonly systemMode = new MemoryTable<Rows.SystemModeRow>('system_mode', ({ id }) => String(id))
  readonly modeTransitions = new MemoryTable<Rows.ModeTransitionRow>('mode_transitions', ({ id }) => String(id))
  readonly inbox = new MemoryTable<Rows.InboxRow>('webhook_inbox', ({ id }) => String(id))
  readonly deliveries = new MemoryTable<Rows.DeliveryRow>('webhook_deliveries', ({ id }) => id)
  readonly sweeps = new MemoryTable<Rows.SweepRow>('channel_sweeps', ({ channelId }) => channelId)
  readonly storedValues = new MemoryTable<Rows.StoredValueRow>('stored_values', ({ key }) => key)
  readonly onSaleSpans = new MemoryTable<Rows.OnSaleSpanRow>(
    'on_sale_spans',
    ({ eventId, channelId, openedAt }) => `${eventId} ${channelId} ${openedAt.getTime()}`,
    // A channel is on sale once at a time.
    [({ eventId, channelId, closedAt }) => (closedAt === null ? `${eventId} ${channelId}` : null)],
  )
  readonly rebalanceMoves = new MemoryTable<Rows.RebalanceMoveRow>('rebalance_moves', ({ id }) => id)
  readonly mails = new MemoryTable<Rows.MailRow>('mails', ({ id }) => id)
  readonly reconciliationRuns = new MemoryTable<Rows.RunRow>('reconciliation_runs', ({ id }) => id, [
    ({ state }) => (state === 'RUNNING' ? state : null),
  ])
  readonly reconciliationItems = new MemoryTable<Rows.DriftRow>('reconciliation_items', ({ id }) => id)
  readonly stagedOrders = new MemoryTable<Rows.StagedRow>('reconciliation_staged', ({ id }) => String(id))

  private readonly locks = new FairLocks()
  private outage: (() => Error) | null = null
  private lastId = 0

  constructor(
    readonly clock: Clock,
    private readonly timers: Timers,
  ) {
    this.channels.afterUpdate = (scope, before, after) => confirmMoves(this.rebalanceMoves, scope, before, after)
    // Created by a migration.
    this.systemMode.insert(null, { ...NORMAL_MODE, since: clock.now() })
  }

  /** The next value of a sequence. */
  nextId(): bigint {
    return BigInt(++this.lastId)
  }

  /** From now on every access rejects with this error; null: the database is available again. */
  setOutage(error: (() => Error) | null): void {
    this.outage = error
  }

  /** Called by every store before it reads or writes. */
  assertAvailable(): void {
    if (this.outage) throw this.outage()
  }

  async transaction<T>(work: (transaction: MemoryTransaction) => Promise<T>): Promise<T> {
    this.assertAvailable()
    const transaction = new MemoryTransaction(this)
    try {
      const result = await work(transaction)
      this.assertAvailable()
      for (const table of this.tables()) table.commit(transaction)
      return result
    } finally {
      for (const table of this.tables()) table.rollBack(transaction)
      transaction.releaseLocks()
    }
  }

  /** Waits for the lock and returns the function that releases it. Rejects when it takes too long, as PostgreSQL does. */
  async lock(key: string): Promise<() => void> {
    try {
      return await withTimeout(LOCK_TIMEOUT_MS, (late) => this.locks.lock(key, late), this.timers)
    } catch (error) {
      const message = `canceling statement due to lock timeout (${key})`
      throw Object.assign(new Error(message, { cause: error }), { code: LOCK_NOT_AVAILABLE })
    }
  }

  /** Locks `key` if it is free; null: it is not. */
  tryLock(key: string): (() => void) | null {
    return this.locks.tryLock(key)
  }

  private tables(): MemoryTable<object>[] {
    return Object.values(this).filter((value): value is MemoryTable<object> => value instanceof MemoryTable)
  }
}

/** A transaction of a `MemoryDatabase`: the scope of its changes until it commits. */
export class MemoryTransaction extends DatabaseTransaction {
  protected readonly database = 'memory'
  private readonly held = new Map<string, () => void>()

  constructor(private readonly memory: MemoryDatabase) {
    super()
  }

  /** Waits for the lock and keeps it until the end of the transaction. */
  async lock(key: string): Promise<void> {
    if (!this.held.has(key)) this.held.set(key, await this.memory.lock(key))
  }

  /** False: another transaction holds it. */
  tryLock(key: string): boolean {
    if (this.held.has(key)) return true
    const release = this.memory.tryLock(key)
    if (release) this.held.set(key, release)
    return release !== null
  }

  releaseLocks(): void {
    for (const release of this.held.values()) release()
    this.held.clear()
  }
}
