import { LIVE_HOLD_STATES, type HoldState } from '../../../domain/hold.js'
import type { Hold } from '../../../domain/hold-record.js'
import { HoldStore, type EventCustomer, type HoldKey, type SettledHold } from '../../../holds/hold-store.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { holdKey, type MemoryDatabase } from '../memory-database.js'
import { byInstantAndId } from '../sorting.js'
import { assertHold } from './hold-checks.js'

/** The position of the order among the unique keys of a hold. */
const ORDER_KEY = 1
/** Live, or bought. */
const isCounted = ({ state }: Hold) => ([...LIVE_HOLD_STATES, 'CONFIRMED'] as readonly HoldState[]).includes(state)

export class MemoryHoldStore extends HoldStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async find(holdId: string): Promise<Hold | null> {
    this.database.assertAvailable()
    return this.database.holds.get(null, holdId) ?? null
  }

  async ofEvent(transaction: DatabaseTransaction, eventId: string, holdIds: readonly string[]): Promise<Hold[]> {
    this.database.assertAvailable()
    const found = [...new Set(holdIds)].flatMap((id) => this.database.holds.get(transaction, id) ?? [])
    return found.filter((hold) => hold.eventId === eventId)
  }

  async ofOrder(transaction: DatabaseTransaction, orderId: string): Promise<Hold | null> {
    this.database.assertAvailable()
    return this.database.holds.getUnique(transaction, orderId, ORDER_KEY) ?? null
  }

  async findByKey(
    eventId: string,
    accountId: string,
    idempotencyKey: string,
  ): Promise<Pick<Hold, 'id' | 'createdAt'> | null> {
    this.database.assertAvailable()
    const hold = this.database.holds.getUnique(null, holdKey({ eventId, accountId, idempotencyKey }) ?? '')
    return hold ? { id: hold.id, createdAt: hold.createdAt } : null
  }

  async withKeys(transaction: DatabaseTransaction, keys: readonly HoldKey[]): Promise<Hold[]> {
    this.database.assertAvailable()
    return keys.flatMap((key) => this.database.holds.getUnique(transaction, holdKey(key) ?? '') ?? [])
  }

  async customerUnits(
    transaction: DatabaseTransaction,
    customers: readonly EventCustomer[],
  ): Promise<(EventCustomer & { units: number })[]> {
    this.database.assertAvailable()
    const counted = customers.map(({ eventId, accountId }) => {
      const isOwn = (hold: Hold) => hold.accountId === accountId && isCounted(hold)
      const holds = this.database.holds.whereKey(transaction, 'eventId', eventId, isOwn)
      const units = holds.map(({ orderId, quantity }) => {
        const order = orderId === null ? undefined : this.database.orders.get(transaction, orderId)
        return order?.quantity ?? quantity
      })
      return { eventId, accountId, units: units.reduce((sum, one) => sum + one, 0) }
    })
    return counted.filter(({ units }) => units > 0)
  }

  async insert(transaction: DatabaseTransaction, holds: readonly Hold[]): Promise<void> {
    this.database.assertAvailable()
    for (const hold of holds) {
      assertHold(hold)
      await this.database.holds.insert(transaction, { ...hold })
    }
  }

  async removeKeys(transaction: DatabaseTransaction, holdIds: readonly string[]): Promise<void> {
    this.database.assertAvailable()
    for (const id of holdIds) await this.database.holds.update(transaction, id, { idempotencyKey: null })
  }

  async settle(transaction: DatabaseTransaction, settled: readonly SettledHold[], at: Date): Promise<void> {
    this.database.assertAvailable()
    for (const { hold, to, orderId } of settled) {
      const change = { state: to, orderId, settledAt: at }
      await this.change(transaction, hold.id, hold.state, change)
    }
  }

  async startPayments(transaction: DatabaseTransaction, holdIds: readonly string[]): Promise<void> {
    this.database.assertAvailable()
    for (const id of holdIds) await this.change(transaction, id, 'HELD', { state: 'PAYMENT_PENDING' })
  }

  async overdue(at: Date, exceptEvents: readonly string[], limit: number): Promise<Pick<Hold, 'id' | 'eventId'>[]> {
    this.database.assertAvailable()
    const due = this.database.holds.whereKey(
      null,
      'state',
      'HELD',
      ({ expiresAt, eventId }) => expiresAt <= at && !exceptEvents.includes(eventId),
    )
    const oldest = due.toSorted(byInstantAndId(({ expiresAt }) => expiresAt)).slice(0, limit)
    return oldest.map(({ id, eventId }) => ({ id, eventId }))
  }

  async replacementOf(holdId: string): Promise<string | null> {
    this.database.assertAvailable()
    return this.database.payments.getUnique(null, holdId)?.replacementHoldId ?? null
  }

  async clientSecretOf(holdId: string): Promise<string | null> {
    this.database.assertAvailable()
    return this.database.payments.getUnique(null, holdId)?.clientSecret ?? null
  }

  private async change(
    transaction: DatabaseTransaction,
    holdId: string,
    from: HoldState,
    change: Partial<Hold>,
  ): Promise<void> {
    const changed = await this.database.holds.update(transaction, holdId, change, ({ state }) => state === from)
    if (!changed) throw new Error(`expected hold ${holdId} to be ${from}`)
  }
}
