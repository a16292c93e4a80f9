import type { FinalHoldState } from '../domain/hold.js'
import type { Hold } from '../generated/prisma/client.js'
import type { Transaction } from '../infrastructure/prisma/transaction.js'

/** Inserts a batch of holds in one statement, to keep the event's lock short. */
export async function insertHolds(tx: Transaction, holds: readonly Hold[]): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO holds (id, event_id, account_id, state, source, quantity, from_allocated, from_unallocated, from_safety,
      seats, expires_at, created_at, idempotency_key, request_hash)
    SELECT id, "eventId", "accountId", state::"HoldState", source::"HoldSource", quantity, "fromAllocated",
      "fromUnallocated", "fromSafety", seats, "expiresAt", "createdAt", "idempotencyKey", "requestHash"
    FROM jsonb_to_recordset(${JSON.stringify(holds)}::jsonb) AS hold(id text, "eventId" text, "accountId" text,
      state text, source text, quantity int, "fromAllocated" int, "fromUnallocated" int, "fromSafety" int, seats text[],
      "expiresAt" timestamptz, "createdAt" timestamptz, "idempotencyKey" text, "requestHash" text)`
}

/** The only update that makes holds final. Conditional: throws when the state of one has changed since it was read. */
export async function updateResolvedHolds(
  tx: Transaction,
  resolved: readonly { hold: Pick<Hold, 'id' | 'state'>; to: Hold['state']; orderId: string | null }[],
  now: Date,
): Promise<void> {
  const rows = resolved.map(({ hold, to, orderId }) => ({
    id: hold.id,
    was: hold.state,
    state: to,
    order_id: orderId,
  }))
  const changed = await tx.$executeRaw`
    UPDATE holds SET state = settled.state::"HoldState", order_id = settled.order_id, settled_at = ${now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS settled(id text, was text, state text, order_id text)
    WHERE holds.id = settled.id AND holds.state = settled.was::"HoldState"`
  if (changed !== rows.length) throw new Error(`expected ${rows.length} live holds, found ${changed}`)
}

/** The waitlist entries whose offered holds were resolved: they end with the hold. */
export async function updateResolvedEntries(
  tx: Transaction,
  resolved: readonly { hold: Pick<Hold, 'id' | 'accountId'>; to: FinalHoldState }[],
  now: Date,
): Promise<void> {
  const offers = resolved.filter(({ hold }) => hold.accountId === null)
  for (const state of ['CONFIRMED', 'LAPSED'] as const) {
    const ids = offers.filter(({ to }) => (to === 'CONFIRMED') === (state === 'CONFIRMED')).map(({ hold }) => hold.id)
    if (ids.length === 0) continue
    const where = { holdId: { in: ids }, state: 'OFFERED' } as const
    await tx.waitlistEntry.updateMany({ where, data: { state, settledAt: now } })
  }
}
