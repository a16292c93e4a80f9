import { DIRECT } from '../../../domain/channel.js'
import {
  accountsOf,
  emptyBalances,
  sold,
  unitsOf,
  type Balances,
  type LedgerAccount,
} from '../../../domain/stock/ledger-account.js'
import type { Channel } from '../../../domain/channel-record.js'
import type { Movement } from '../../../domain/stock/posting.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'
import { balancesOf, WITH_BALANCES } from '../../../infrastructure/prisma/balance-rows.js'
import { withPlatform } from '../../../infrastructure/prisma/channel-rows.js'
import { clientOf, PrismaTransaction, type Transaction } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  EventUnknown,
  LedgerStore,
  type GatePosition,
  type LedgerState,
  type LockedLedgerState,
  type MovementFilter,
  type NewOperation,
  type NewRecords,
  type RecordedMovement,
  type RecordedOperation,
} from '../../../stock/ledger-store.js'
import { EMPTY_CHAIN, type ProofLine } from '../../../stock/proof/proof-chain.js'

const TRANSACTION = { maxWait: 5_000, timeout: 15_000 }

export class PrismaLedgerStore extends LedgerStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  locked<T>(
    eventId: string,
    work: (transaction: DatabaseTransaction, ledger: LockedLedgerState) => Promise<T>,
  ): Promise<T> {
    return this.prisma.$transaction(
      async (client) => work(new PrismaTransaction(client), await lockLedger(client, eventId)),
      TRANSACTION,
    )
  }

  lockedTogether<T>(
    eventIds: readonly string[],
    work: (transaction: DatabaseTransaction, ledgers: ReadonlyMap<string, LockedLedgerState>) => Promise<T>,
  ): Promise<T> {
    return this.prisma.$transaction(
      async (client) => work(new PrismaTransaction(client), await lockFreeLedgers(client, eventIds)),
      TRANSACTION,
    )
  }

  lock(transaction: DatabaseTransaction, eventId: string): Promise<LockedLedgerState> {
    return lockLedger(clientOf(transaction), eventId)
  }

  async create(transaction: DatabaseTransaction, eventId: string): Promise<LockedLedgerState> {
    const client = clientOf(transaction)
    await client.eventLedger.create({ data: { eventId, epoch: 1 } })
    return lockLedger(client, eventId)
  }

  read(eventId: string): Promise<LedgerState> {
    return readLedger(this.prisma, eventId)
  }

  async findOperations(
    transaction: DatabaseTransaction,
    eventId: string,
    epoch: number,
    operations: readonly GatePosition[],
  ): Promise<RecordedOperation[]> {
    if (operations.length === 0) return []
    const byId = { operationId: { in: operations.map(({ operationId }) => operationId) } }
    const byPosition = { eventId, epoch, seq: { in: operations.map(({ seq }) => seq) } }
    return clientOf(transaction).stockOperation.findMany({ where: { OR: [byId, byPosition] } })
  }

  async movementsOf(
    transaction: DatabaseTransaction,
    operationIds: readonly string[],
  ): Promise<Map<string, Movement[] | 'VOIDED'>> {
    const operations = await clientOf(transaction).$queryRaw<OperationWithMovements[]>`/* prepared */
      SELECT operation_id AS "operationId", o.outcome::text, COALESCE(m.movements, '[]') AS movements
      FROM stock_operations o LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('from', from_account, 'to', to_account, 'quantity', quantity) ORDER BY part)
          AS movements
        FROM stock_movements WHERE operation_id = o.operation_id) AS m ON true
      WHERE operation_id = ANY(${[...operationIds]}::text[])`
    return new Map(
      operations.map(({ operationId, outcome, movements }) => [
        operationId,
        outcome === 'VOIDED' ? 'VOIDED' : movements.map(({ from, to, quantity }) => ({ from, to, quantity })),
      ]),
    )
  }

  async committed(operationIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.prisma.stockOperation.findMany({
      where: { operationId: { in: [...operationIds] }, outcome: 'COMMITTED' },
      select: { operationId: true },
    })
    return new Set(rows.map((row) => row.operationId))
  }

  /** The foreign keys and the sums of the accounts are checked after the statement, when all of it is written. */
  override async record(
    transaction: DatabaseTransaction,
    records: readonly NewRecords[],
  ): Promise<RecordedOperation[]> {
    const { operations, movements } = rowsOf(records)
    const balances = records.flatMap(({ eventId, balances: accounts }) => accounts.map((one) => ({ eventId, ...one })))
    const soldOut = records.filter(({ soldOutAt }) => soldOutAt !== null)
    return clientOf(transaction).$queryRaw<RecordedOperation[]>`/* prepared */
      WITH operations AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(operations)}::jsonb)
          AS o("operationId" text, "eventId" text, epoch int, seq int, reason text, actor text)),
      known AS MATERIALIZED (
        SELECT known.* FROM operations o JOIN stock_operations known ON known.operation_id = o."operationId"
        UNION
        SELECT known.* FROM operations o
          JOIN stock_operations known ON (known.event_id, known.epoch, known.seq) = (o."eventId", o.epoch, o.seq)),
      recorded AS (
        INSERT INTO stock_operations (operation_id, event_id, epoch, seq, outcome, reason, actor)
        SELECT "operationId", "eventId", epoch, seq, 'COMMITTED', reason, actor FROM operations
        WHERE NOT EXISTS (SELECT FROM known)),
      movements AS (
        INSERT INTO stock_movements (operation_id, part, event_id, from_account, to_account, quantity)
        SELECT "operationId", part, "eventId", "from", "to", quantity
        FROM jsonb_to_recordset(${JSON.stringify(movements)}::jsonb)
          AS m("operationId" text, part smallint, "eventId" text, "from" text, "to" text, quantity int)
        WHERE NOT EXISTS (SELECT FROM known)),
      changed AS (
        INSERT INTO balances (event_id, account, units)
        SELECT "eventId", account, units
        FROM jsonb_to_recordset(${JSON.stringify(balances)}::jsonb) AS b("eventId" text, account text, units int)
        WHERE NOT EXISTS (SELECT FROM known)
        ON CONFLICT (event_id, account) DO UPDATE SET units = EXCLUDED.units),
      sold_out AS (
        UPDATE ledgers SET sold_out_since = "at"
        FROM unnest(${soldOut.map(({ eventId }) => eventId)}::text[], ${soldOut.map(({ soldOutAt }) => soldOutAt)}::timestamptz[])
          AS s("eventId", "at")
        WHERE event_id = "eventId" AND sold_out_since IS NULL AND NOT EXISTS (SELECT FROM known))
      SELECT operation_id AS "operationId", event_id AS "eventId", epoch, seq, outcome::text FROM known`
  }

  async append(transaction: DatabaseTransaction, eventId: string, operations: readonly NewOperation[]): Promise<void> {
    const client = clientOf(transaction)
    const { operations: rows, movements } = rowsOf([{ eventId, operations }])
    await client.$executeRaw`
      INSERT INTO stock_operations (operation_id, event_id, epoch, seq, outcome, reason, actor)
      SELECT "operationId", ${eventId}, epoch, seq, 'COMMITTED', reason, actor
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS o("operationId" text, epoch int, seq int, reason text, actor text)`
    await client.$executeRaw`
      INSERT INTO stock_movements (operation_id, part, event_id, from_account, to_account, quantity)
      SELECT "operationId", part, ${eventId}, "from", "to", quantity
      FROM jsonb_to_recordset(${JSON.stringify(movements)}::jsonb) AS m("operationId" text, part smallint, "from" text, "to" text, quantity int)`
  }

  async appendVoided(
    transaction: DatabaseTransaction,
    eventId: string,
    operations: readonly GatePosition[],
  ): Promise<void> {
    if (operations.length === 0) return
    const data = operations.map(({ operationId, epoch, seq }) => ({
      operationId,
      epoch,
      seq,
      eventId,
      outcome: 'VOIDED' as const,
      reason: 'given back',
    }))
    await clientOf(transaction).stockOperation.createMany({ data })
  }

  async writeBalances(
    transaction: DatabaseTransaction,
    eventId: string,
    accounts: readonly { account: LedgerAccount; units: number }[],
  ): Promise<void> {
    if (accounts.length === 0) return
    await clientOf(transaction).$executeRaw`
      INSERT INTO balances (event_id, account, units)
      SELECT ${eventId}, account, units FROM jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb) AS b(account text, units int)
      ON CONFLICT (event_id, account) DO UPDATE SET units = EXCLUDED.units`
  }

  async markSoldOut(transaction: DatabaseTransaction, eventId: string, at: Date): Promise<void> {
    const where = { eventId, soldOutSince: null }
    await clientOf(transaction).eventLedger.updateMany({ where, data: { soldOutSince: at } })
  }

  async writeEpoch(transaction: DatabaseTransaction, eventId: string, epoch: number): Promise<void> {
    await clientOf(transaction).eventLedger.update({ where: { eventId }, data: { epoch } })
  }

  /** The new sum is computed from the row as it is locked; a concurrent one that got further remains. */
  async advanceCheckpoint(eventId: string, { min, max }: { min: number; max: number }): Promise<number> {
    const rows = await this.prisma.$queryRaw<{ added: number }[]>`
      WITH checkpoint AS (SELECT movement_id, units FROM ledger_checkpoints WHERE event_id = ${eventId} FOR UPDATE),
      chunk AS (
        SELECT id, from_account, to_account, quantity FROM stock_movements
        WHERE event_id = ${eventId} AND id > COALESCE((SELECT movement_id FROM checkpoint), 0) ORDER BY id LIMIT ${max}),
      reached AS (SELECT MAX(id) AS id, COUNT(*)::int AS added FROM chunk),
      sums AS (
        SELECT account, SUM(units) AS units FROM (
          SELECT to_account AS account, SUM(quantity) AS units FROM chunk GROUP BY 1
          UNION ALL SELECT from_account, -SUM(quantity) FROM chunk GROUP BY 1
          UNION ALL SELECT key, value::bigint FROM checkpoint, jsonb_each_text(units)
        ) AS sides GROUP BY account)
      INSERT INTO ledger_checkpoints (event_id, movement_id, units)
      SELECT ${eventId}, reached.id, (SELECT jsonb_object_agg(account, units) FROM sums) FROM reached
      WHERE reached.added >= ${Math.max(1, min)}
      ON CONFLICT (event_id) DO UPDATE SET movement_id = EXCLUDED.movement_id, units = EXCLUDED.units
      WHERE ledger_checkpoints.movement_id < EXCLUDED.movement_id
      RETURNING (SELECT added FROM reached) AS added`
    return rows[0]?.added ?? 0
  }

  async sumOfMovements(transaction: DatabaseTransaction, eventId: string): Promise<Balances> {
    const client = clientOf(transaction)
    const checkpoint = await client.ledgerCheckpoint.findUnique({ where: { eventId } })
    const later = await sumOfMovements(client, eventId, checkpoint?.movementId)
    const stored = (checkpoint?.units ?? {}) as Record<LedgerAccount, number>
    return accountsOf({ ...later, ...stored }).reduce((sums, account) => {
      return { ...sums, [account]: unitsOf(later, account) + (stored[account] ?? 0) }
    }, emptyBalances())
  }

  async unitsMoved(transaction: DatabaseTransaction, eventId: string, filter: MovementFilter): Promise<number> {
    const { from, to, toPlatformSales, reason } = filter
    const moved = await clientOf(transaction).stockMovement.aggregate({
      where: {
        eventId,
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(toPlatformSales && { AND: [{ to: { startsWith: 'SOLD:', not: sold(DIRECT) } }] }),
        ...(reason !== undefined && { operation: { reason } }),
      },
      _sum: { quantity: true },
    })
    return moved._sum.quantity ?? 0
  }

  async oversoldMovements(eventId: string): Promise<RecordedMovement[]> {
    const rows = await this.prisma.stockMovement.findMany({
      where: { eventId, OR: [{ from: 'OVERSOLD' }, { to: 'OVERSOLD' }] },
      orderBy: { id: 'asc' },
      include: { operation: { select: { recordedAt: true } } },
    })
    return rows.map(({ from, to, quantity, operationId, operation: { recordedAt } }) => {
      return { from: from as LedgerAccount, to: to as LedgerAccount, quantity, operationId, recordedAt }
    })
  }

  async channels(transaction: DatabaseTransaction, eventId: string): Promise<Channel[]> {
    const rows = await clientOf(transaction).channel.findMany({ where: { eventId }, orderBy: { id: 'asc' } })
    return rows.map(withPlatform)
  }

  async appendProofs(
    transaction: DatabaseTransaction,
    proofs: readonly { eventId: string; lines: readonly ProofLine[] }[],
  ): Promise<void> {
    const lines = proofs.flatMap(({ eventId, lines: own }) => own.map((line) => ({ eventId, ...line })))
    if (lines.length === 0) return
    const ends = proofs.flatMap(({ eventId, lines: own }) => own.slice(-1).map((line) => ({ eventId, ...line })))
    await clientOf(transaction).$executeRaw`/* prepared */
      WITH moved AS (
        UPDATE ledgers SET proof_position = position, proof_hash = hash
        FROM unnest(${ends.map(({ eventId }) => eventId)}::text[], ${ends.map(({ position }) => position)}::int[],
          ${ends.map(({ hash }) => hash)}::text[]) AS "end"(event_id, position, hash)
        WHERE ledgers.event_id = "end".event_id)
      INSERT INTO proof_entries (event_id, position, recorded_at, content, hash)
      SELECT * FROM unnest(${lines.map(({ eventId }) => eventId)}::text[], ${lines.map(({ position }) => position)}::int[],
        ${lines.map(({ recordedAt }) => recordedAt)}::timestamptz[], ${lines.map(({ content }) => content)}::text[],
        ${lines.map(({ hash }) => hash)}::text[])`
  }

  proofAfter(eventId: string, position: number, limit: number): Promise<ProofLine[]> {
    const where = { eventId, position: { gt: position } }
    return this.prisma.proofEntry.findMany({
      where,
      orderBy: { position: 'asc' },
      take: limit,
      omit: { eventId: true },
    })
  }

  lastProofLine(eventId: string): Promise<ProofLine | null> {
    return this.prisma.proofEntry.findFirst({
      where: { eventId },
      orderBy: { position: 'desc' },
      omit: { eventId: true },
    })
  }
}

function rowsOf(records: readonly Pick<NewRecords, 'eventId' | 'operations'>[]) {
  const operations = records.flatMap((one) =>
    one.operations.map((operation) => ({ ...operation, eventId: one.eventId })),
  )
  return {
    operations: operations.map(({ movements: _, ...operation }) => operation),
    movements: operations.flatMap(({ operationId, eventId, movements }) =>
      movements.map((movement, part) => ({ operationId, eventId, part, ...movement })),
    ),
  }
}

/** Balances as the sum of all movements of an event (I14), or of those after one. */
export async function sumOfMovements(client: Transaction, eventId: string, after = 0n): Promise<Balances> {
  const rows = await client.$queryRaw<{ account: LedgerAccount; units: bigint }[]>`
    SELECT account, SUM(units) AS units FROM (
      SELECT to_account AS account, SUM(quantity) AS units FROM stock_movements
      WHERE event_id = ${eventId} AND id > ${after} GROUP BY 1
      UNION ALL
      SELECT from_account, -SUM(quantity) FROM stock_movements
      WHERE event_id = ${eventId} AND id > ${after} GROUP BY 1
    ) AS sides GROUP BY account`
  const balances = emptyBalances()
  for (const { account, units } of rows) balances[account] = Number(units)
  return balances
}

interface OperationWithMovements extends Pick<RecordedOperation, 'operationId' | 'outcome'> {
  movements: Movement[]
}

interface LockedRow extends Pick<LockedLedgerState, 'epoch' | 'lockedAt'> {
  balances: Record<string, number>
  position: number
  hash: string | null
}

/** In one round trip, because others wait for the lock. The instant and the balances are read when it is held. */
async function lockLedger(client: Transaction, eventId: string): Promise<LockedLedgerState> {
  const [row] = await client.$queryRaw<LockedRow[]>`/* prepared */ SELECT * FROM lock_ledger(${eventId})`
  if (!row) throw new EventUnknown(eventId)
  return lockedState(row)
}

async function lockFreeLedgers(
  client: Transaction,
  eventIds: readonly string[],
): Promise<Map<string, LockedLedgerState>> {
  const rows = await client.$queryRaw<(LockedRow & { eventId: string })[]>`/* prepared */
    SELECT * FROM lock_free_ledgers(${[...eventIds]}::text[])`
  return new Map(rows.map(({ eventId, ...row }) => [eventId, lockedState(row)]))
}

function lockedState({ epoch, lockedAt, balances, position, hash }: LockedRow): LockedLedgerState {
  const proof = hash === null ? EMPTY_CHAIN : { position, hash }
  return { epoch, lockedAt, proof, balances: { ...emptyBalances(), ...balances } }
}

async function readLedger(client: Pick<Transaction, 'eventLedger'>, eventId: string): Promise<LedgerState> {
  const row = await client.eventLedger.findUnique({ where: { eventId }, ...WITH_BALANCES })
  if (!row) throw new EventUnknown(eventId)
  return { epoch: row.epoch, balances: balancesOf(row) }
}
