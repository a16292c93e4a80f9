import type { Hold } from '../../../domain/hold-record.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'
import { HoldStore, type EventCustomer, type HoldKey, type SettledHold } from '../../../holds/hold-store.js'
import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'

export class PrismaHoldStore extends HoldStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  find(holdId: string): Promise<Hold | null> {
    return this.prisma.hold.findUnique({ where: { id: holdId } })
  }

  ofEvent(transaction: DatabaseTransaction, eventId: string, holdIds: readonly string[]): Promise<Hold[]> {
    return clientOf(transaction).hold.findMany({ where: { eventId, id: { in: [...holdIds] } } })
  }

  ofOrder(transaction: DatabaseTransaction, orderId: string): Promise<Hold | null> {
    return clientOf(transaction).hold.findUnique({ where: { orderId } })
  }

  findByKey(
    eventId: string,
    accountId: string,
    idempotencyKey: string,
  ): Promise<Pick<Hold, 'id' | 'createdAt'> | null> {
    return this.prisma.hold.findUnique({
      where: { eventId_accountId_idempotencyKey: { eventId, accountId, idempotencyKey } },
      select: { id: true, createdAt: true },
    })
  }

  async withKeys(transaction: DatabaseTransaction, keys: readonly HoldKey[]): Promise<Hold[]> {
    if (keys.length === 0) return []
    const ids = await clientOf(transaction).$queryRaw<{ id: string }[]>`/* prepared */
      SELECT h.id FROM unnest(${keys.map(({ eventId }) => eventId)}::text[], ${keys.map(({ accountId }) => accountId)}::text[],
          ${keys.map(({ idempotencyKey }) => idempotencyKey)}::text[]) AS k(event_id, account_id, idempotency_key)
        JOIN holds h USING (event_id, account_id, idempotency_key)`
    if (ids.length === 0) return []
    return clientOf(transaction).hold.findMany({ where: { id: { in: ids.map(({ id }) => id) } } })
  }

  customerUnits(
    transaction: DatabaseTransaction,
    customers: readonly EventCustomer[],
  ): Promise<(EventCustomer & { units: number })[]> {
    return clientOf(transaction).$queryRaw<(EventCustomer & { units: number })[]>`/* prepared */
      SELECT c.event_id AS "eventId", c.account_id AS "accountId", held.units
      FROM unnest(${customers.map(({ eventId }) => eventId)}::text[], ${customers.map(({ accountId }) => accountId)}::text[])
          AS c(event_id, account_id),
        LATERAL (
          SELECT SUM(COALESCE(o.quantity, h.quantity))::int AS units FROM holds h LEFT JOIN orders o ON o.id = h.order_id
          WHERE h.event_id = c.event_id AND h.account_id = c.account_id
            AND h.state IN ('HELD', 'PAYMENT_PENDING', 'CONFIRMED')) AS held
      WHERE held.units > 0`
  }

  /** In one statement, to keep the event's lock short. */
  async insert(transaction: DatabaseTransaction, holds: readonly Hold[]): Promise<void> {
    if (holds.length === 0) return
    await clientOf(transaction).$executeRaw`/* prepared */
      INSERT INTO holds (id, event_id, account_id, state, source, quantity, price_cents, from_allocated, from_unallocated,
        from_safety, seats, expires_at, created_at, settled_at, order_id, idempotency_key, request_hash)
      SELECT id, "eventId", "accountId", state::"HoldState", source::"HoldSource", quantity, "priceCents",
        "fromAllocated", "fromUnallocated", "fromSafety", seats, "expiresAt", "createdAt", "settledAt", "orderId",
        "idempotencyKey", "requestHash"
      FROM jsonb_to_recordset(${JSON.stringify(holds)}::jsonb) AS hold(id text, "eventId" text, "accountId" text,
        state text, source text, quantity int, "priceCents" int, "fromAllocated" int, "fromUnallocated" int,
        "fromSafety" int, seats text[], "expiresAt" timestamptz, "createdAt" timestamptz, "settledAt" timestamptz, "orderId" text,
        "idempotencyKey" text, "requestHash" text)`
  }

  async removeKeys(transaction: DatabaseTransaction, holdIds: readonly string[]): Promise<void> {
    if (holdIds.length === 0) return
    const where = { id: { in: [...holdIds] } }
    await clientOf(transaction).hold.updateMany({ where, data: { idempotencyKey: null } })
  }

  async settle(transaction: DatabaseTransaction, settled: readonly SettledHold[], at: Date): Promise<void> {
    const rows = settled.map(({ hold, to, orderId }) => ({
      id: hold.id,
      was: hold.state,
      state: to,
      order_id: orderId,
    }))
    const changed = await clientOf(transaction).$executeRaw`
      UPDATE holds SET state = settled.state::"HoldState", order_id = settled.order_id, settled_at = ${at}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS settled(id text, was text, state text, order_id text)
      WHERE holds.id = settled.id AND holds.state = settled.was::"HoldState"`
    assertChanged(rows.length, changed)
  }

  async startPayments(transaction: DatabaseTransaction, holdIds: readonly string[]): Promise<void> {
    const where = { id: { in: [...holdIds] }, state: 'HELD' as const }
    const { count } = await clientOf(transaction).hold.updateMany({ where, data: { state: 'PAYMENT_PENDING' } })
    assertChanged(holdIds.length, count)
  }

  /** The state is a literal: for a parameter, PostgreSQL does not use the index of the holds that are HELD. */
  overdue(at: Date, exceptEvents: readonly string[], limit: number): Promise<Pick<Hold, 'id' | 'eventId'>[]> {
    return this.prisma.$queryRaw<Pick<Hold, 'id' | 'eventId'>[]>`
      SELECT id, event_id AS "eventId" FROM holds
      WHERE state = 'HELD' AND expires_at <= ${at}::timestamptz AND event_id <> ALL(${[...exceptEvents]}::text[])
      ORDER BY expires_at, id LIMIT ${limit}`
  }

  async replacementOf(holdId: string): Promise<string | null> {
    const payment = await this.prisma.payment.findUnique({ where: { holdId }, select: { replacementHoldId: true } })
    return payment?.replacementHoldId ?? null
  }

  async clientSecretOf(holdId: string): Promise<string | null> {
    const payment = await this.prisma.payment.findUnique({ where: { holdId }, select: { clientSecret: true } })
    return payment?.clientSecret ?? null
  }
}

function assertChanged(expected: number, changed: number): void {
  if (changed !== expected) throw new Error(`expected ${expected} live holds, found ${changed}`)
}
