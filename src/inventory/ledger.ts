import { findInvariantViolation, emptyBalances, type LedgerAccount, type Balances } from '../domain/ledger-account.js'
import { replay, type Movement } from '../domain/posting.js'
import type { Prisma, PrismaClient, StockOperation } from '../generated/prisma/client.js'
import { balancesOf, rowsOf, WITH_BALANCES } from './balance-rows.js'

export type Transaction = Prisma.TransactionClient

/** One operation accepted by the gate, ready to be recorded. */
export interface LedgerEntry {
  operationId: string
  epoch: number
  seq: number
  reason: string
  actor: string | null
  movements: readonly Movement[]
}

/**
 * - `COMMITTED`: recorded now. `DUPLICATE`: recorded before. `VOIDED`: voided before it could be recorded.
 * - `STALE`: accepted by a gate of another epoch. `LOST_WRITES`: its position in the gate's history is already used, so
 *   the gate has lost writes. `REFUSED`: the balances do not allow it (the gate had more units than the ledger).
 */
export type CommitResult = 'COMMITTED' | 'DUPLICATE' | 'VOIDED' | 'STALE' | 'LOST_WRITES' | 'REFUSED'

/** An event, locked for one database transaction. */
export interface LockedEvent {
  readonly prisma: Transaction
  /** Current balances, including what this transaction has recorded. */
  readonly balances: Balances
}

/** The ledger of a locked event. */
export interface LedgerTransaction extends LockedEvent {
  readonly epoch: number
  /** Recorded movements by operation id, or 'VOIDED' for a voided operation. */
  find(operationIds: readonly string[]): Promise<Map<string, Movement[] | 'VOIDED'>>
  /** Results in the order of the entries. */
  record(entries: readonly LedgerEntry[]): Promise<CommitResult[]>
}

/** An operation and its position in the history of a gate. */
export type GatePosition = Pick<LedgerEntry, 'operationId' | 'epoch' | 'seq'>

export class EventUnknown extends Error {
  override readonly name = 'EventUnknown'
}

const TRANSACTION = { maxWait: 5_000, timeout: 15_000 }

/** The PostgreSQL side of the stock: movements and balances, which change only together. */
export class Ledger {
  constructor(private readonly prisma: PrismaClient) {}

  /** Runs `work` in one transaction with the event's ledger locked. Throws EventUnknown. */
  async exclusive<T>(eventId: string, work: (ledger: LedgerTransaction) => Promise<T>): Promise<T> {
    return this.prisma.$transaction(async (tx) => work(await lockLedger(tx, eventId)), TRANSACTION)
  }

  /** Creates the event's ledger with epoch 1 and its first movements, in the caller's transaction. */
  async open(tx: Transaction, eventId: string, entry: Omit<LedgerEntry, 'epoch' | 'seq'>): Promise<Balances> {
    await tx.eventLedger.create({ data: { eventId, epoch: 1 } })
    const ledger = await lockLedger(tx, eventId)
    const [result] = await ledger.record([{ ...entry, epoch: 1, seq: 0 }])
    if (result !== 'COMMITTED') throw new Error(`failed to open the ledger of ${eventId}: ${result}`)
    return ledger.balances
  }

  /** Voids an operation permanently: it can never be committed afterwards. False: it was already committed. */
  async void(eventId: string, operation: GatePosition): Promise<boolean> {
    return (await this.voidAll(eventId, [operation])).length === 1
  }

  /** Voids several operations in one transaction; returns those that can no longer be committed. */
  async voidAll<T extends GatePosition>(eventId: string, operations: readonly T[]): Promise<T[]> {
    return this.exclusive(eventId, async ({ prisma, epoch }) => {
      const known = await findOperations(prisma, eventId, epoch, operations)
      const outcomes = new Map(known.map(({ operationId, outcome }) => [operationId, outcome]))
      const usedSeqs = new Set(seqsIn(known, eventId, epoch))
      // Another epoch: its commit would be rejected as stale, and its position has no meaning any more.
      // Position used by another operation: its commit would be rejected as a lost write.
      const unknown = operations.filter(
        (o) => !outcomes.has(o.operationId) && o.epoch === epoch && !usedSeqs.has(o.seq),
      )
      const rows = unknown.map(({ operationId, seq }) => ({ operationId, epoch, seq, eventId }))
      const data = rows.map((row) => ({ ...row, outcome: 'VOIDED' as const, reason: 'given back' }))
      if (data.length > 0) await prisma.stockOperation.createMany({ data })
      return operations.filter(({ operationId }) => outcomes.get(operationId) !== 'COMMITTED')
    })
  }

  /** The committed ones of these operations. */
  async committed(operationIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.prisma.stockOperation.findMany({
      where: { operationId: { in: [...operationIds] }, outcome: 'COMMITTED' },
      select: { operationId: true },
    })
    return new Set(rows.map((row) => row.operationId))
  }

  async read(eventId: string): Promise<{ epoch: number; balances: Balances }> {
    const row = await this.prisma.eventLedger.findUnique({ where: { eventId }, ...WITH_BALANCES })
    if (!row) throw new EventUnknown(eventId)
    return { epoch: row.epoch, balances: balancesOf(row) }
  }
}

/** Balances as the sum of all movements of an event (I14). */
export async function sumOfMovements(tx: Transaction, eventId: string): Promise<Balances> {
  const rows = await tx.$queryRaw<{ account: LedgerAccount; units: bigint }[]>`
    SELECT account, SUM(units) AS units FROM (
      SELECT to_account AS account, SUM(quantity) AS units FROM stock_movements WHERE event_id = ${eventId} GROUP BY 1
      UNION ALL
      SELECT from_account, -SUM(quantity) FROM stock_movements WHERE event_id = ${eventId} GROUP BY 1
    ) AS sides GROUP BY account`
  const balances = emptyBalances()
  for (const { account, units } of rows) balances[account] = Number(units)
  return balances
}

async function lockLedger(tx: Transaction, eventId: string): Promise<LedgerTransaction> {
  await tx.$queryRaw`SELECT 1 FROM ledgers WHERE event_id = ${eventId} FOR UPDATE`
  const row = await tx.eventLedger.findUnique({ where: { eventId }, ...WITH_BALANCES })
  if (!row) throw new EventUnknown(eventId)
  return new LockedLedger(tx, eventId, row.epoch, balancesOf(row))
}

class LockedLedger implements LedgerTransaction {
  constructor(
    readonly prisma: Transaction,
    private readonly eventId: string,
    readonly epoch: number,
    public balances: Balances,
  ) {}

  async find(operationIds: readonly string[]): Promise<Map<string, Movement[] | 'VOIDED'>> {
    const found = new Map<string, Movement[] | 'VOIDED'>()
    if (operationIds.length === 0) return found
    const operations = await this.prisma.stockOperation.findMany({
      where: { operationId: { in: [...operationIds] } },
      include: { movements: { orderBy: { part: 'asc' } } },
    })
    for (const { operationId, outcome, movements } of operations) {
      const made = movements.map(({ from, to, quantity }) => ({
        from: from as LedgerAccount,
        to: to as LedgerAccount,
        quantity,
      }))
      found.set(operationId, outcome === 'VOIDED' ? 'VOIDED' : made)
    }
    return found
  }

  async record(entries: readonly LedgerEntry[]): Promise<CommitResult[]> {
    const { prisma, eventId, epoch } = this
    const known = await findOperations(prisma, eventId, epoch, entries)
    const byId = new Map(known.map((operation) => [operation.operationId, operation]))
    const usedSeqs = new Set(seqsIn(known, eventId, epoch))
    const before = this.balances
    const accepted: LedgerEntry[] = []
    const results = entries.map((entry): CommitResult => {
      const recorded = byId.get(entry.operationId)
      if (recorded) return recorded.outcome === 'VOIDED' ? 'VOIDED' : 'DUPLICATE'
      if (accepted.some((other) => other.operationId === entry.operationId)) return 'DUPLICATE'
      if (entry.epoch !== epoch) return 'STALE'
      if (usedSeqs.has(entry.seq)) return 'LOST_WRITES'
      const after = replay(this.balances, entry.movements)
      if (findInvariantViolation(after)) return 'REFUSED'
      this.balances = after
      usedSeqs.add(entry.seq)
      accepted.push(entry)
      return 'COMMITTED'
    })
    if (accepted.length > 0) await this.write(accepted, before)
    return results
  }

  private async write(entries: readonly LedgerEntry[], before: Balances): Promise<void> {
    const { prisma, eventId } = this
    const operations = entries.map(({ movements: _, ...operation }) => operation)
    const movements = entries.flatMap(({ operationId, movements }) =>
      movements.map((movement, part) => ({ operationId, part, ...movement })),
    )
    await prisma.$executeRaw`
      INSERT INTO stock_operations (operation_id, event_id, epoch, seq, outcome, reason, actor)
      SELECT "operationId", ${eventId}, epoch, seq, 'COMMITTED', reason, actor
      FROM jsonb_to_recordset(${JSON.stringify(operations)}::jsonb) AS o("operationId" text, epoch int, seq int, reason text, actor text)`
    await prisma.$executeRaw`
      INSERT INTO stock_movements (operation_id, part, event_id, from_account, to_account, quantity)
      SELECT "operationId", part, ${eventId}, "from", "to", quantity
      FROM jsonb_to_recordset(${JSON.stringify(movements)}::jsonb) AS m("operationId" text, part smallint, "from" text, "to" text, quantity int)`
    await writeBalances(prisma, eventId, this.balances, before)
  }
}

/** Writes the accounts that differ from `before` in one statement, so that each statement leaves a sum of zero. */
export async function writeBalances(
  tx: Transaction,
  eventId: string,
  balances: Balances,
  before: Balances,
): Promise<void> {
  const rows = rowsOf(balances, before)
  if (rows.length === 0) return
  await tx.$executeRaw`
    INSERT INTO balances (event_id, account, units)
    SELECT ${eventId}, account, units FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS b(account text, units int)
    ON CONFLICT (event_id, account) DO UPDATE SET units = EXCLUDED.units`
}

/** Recorded operations with the ids of these operations, or at their positions in the history of this epoch. */
async function findOperations(tx: Transaction, eventId: string, epoch: number, operations: readonly GatePosition[]) {
  const byId = { operationId: { in: operations.map(({ operationId }) => operationId) } }
  const byPosition = { eventId, epoch, seq: { in: operations.map(({ seq }) => seq) } }
  return tx.stockOperation.findMany({ where: { OR: [byId, byPosition] } })
}

function seqsIn(known: readonly StockOperation[], eventId: string, epoch: number): number[] {
  return known.filter((o) => o.eventId === eventId && o.epoch === epoch).map(({ seq }) => seq)
}
