import { type Platform, platformOf } from '../../../domain/channel.js'
import { NEVER_READ } from '../../../domain/orders/order-snapshot.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  orderKey,
  OrderStore,
  ticketKey,
  type OrderRow,
  type OrderRows,
  type TicketRow,
} from '../../../orders/order-store.js'
import { externalKey, type MemoryDatabase } from '../memory-database.js'
import type { Scope } from '../memory-table.js'
import type { OrderRow as StoredOrder } from '../rows.js'
import { byId, byInstant, byInstantAndId } from '../sorting.js'

export class MemoryOrderStore extends OrderStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async readOrders(
    transaction: DatabaseTransaction | null,
    eventId: string,
    orders: readonly { channelId: string; externalOrderId: string }[],
    tickets: readonly { channelId: string; externalTicketId: string }[] = [],
  ): Promise<OrderRows> {
    this.database.assertAvailable()
    const own = orders.flatMap(({ channelId, externalOrderId }) => {
      const key = externalKey(channelId, externalOrderId) ?? ''
      return this.database.orders.getUnique(transaction, key)?.id ?? []
    })
    const holders = tickets.flatMap(({ channelId, externalTicketId }) => {
      const key = externalKey(channelId, externalTicketId) ?? ''
      return this.database.tickets.getUnique(transaction, key)?.orderId ?? []
    })
    const found = [...new Set([...own, ...holders])].flatMap((id) => this.database.orders.get(transaction, id) ?? [])
    return this.rowsOf(
      transaction,
      found.filter((order) => order.eventId === eventId),
    )
  }

  async write(
    transaction: DatabaseTransaction,
    eventId: string,
    orders: readonly OrderRow[],
    tickets: readonly TicketRow[],
  ): Promise<void> {
    this.database.assertAvailable()
    await this.writeOrders(transaction, eventId, orders)
    await this.writeTickets(transaction, eventId, tickets)
  }

  private async writeOrders(scope: DatabaseTransaction, eventId: string, orders: readonly OrderRow[]): Promise<void> {
    const now = this.database.clock.now()
    for (const { tickets: _, id, channelId, platform, externalOrderId, ...order } of orders) {
      const key = externalKey(channelId, externalOrderId) ?? ''
      const recorded = this.database.orders.getUnique(scope, key)
      const { state, quantity, version, revision, placedAt } = order
      const isErased = (recorded?.buyerErasedAt ?? null) !== null
      const buyerName = isErased ? null : order.buyerName
      const buyerEmail = isErased ? null : order.buyerEmail
      const change = { state, quantity, version, revision, buyerName, buyerEmail, placedAt, updatedAt: now }
      if (recorded) await this.database.orders.update(scope, recorded.id, change)
      else {
        const fixed = { id, eventId, platform, channelId, externalOrderId, seenAt: now, buyerErasedAt: null }
        const row = { ...fixed, ...change }
        await this.database.orders.insert(scope, row)
      }
    }
  }

  private async writeTickets(
    scope: DatabaseTransaction,
    eventId: string,
    tickets: readonly TicketRow[],
  ): Promise<void> {
    const createdAt = this.database.clock.now()
    for (const { id, channelId, platform, externalTicketId, ...ticket } of tickets) {
      const key = externalKey(channelId, externalTicketId) ?? ''
      const recorded = this.database.tickets.getUnique(scope, key)
      const holderErasedAt = recorded?.holderErasedAt ?? null
      const holder = holderErasedAt === null ? {} : { holderName: null, holderEmail: null }
      const change = { ...ticket, ...holder, holderErasedAt }
      if (recorded) await this.database.tickets.update(scope, recorded.id, change)
      else {
        const unknown = { seat: null, code: null, transferredAt: null, ignoredCheckInAt: null }
        const fixed = { id, eventId, platform, channelId, externalTicketId, ...unknown, createdAt }
        await this.database.tickets.insert(scope, { ...fixed, ...change })
      }
    }
  }

  async newestPlaced(
    channelId: string,
    { maxQuantity, except }: { maxQuantity: number; except: readonly string[] },
  ): Promise<string | null> {
    this.database.assertAvailable()
    const found = this.database.orders.whereKey(
      null,
      'channelId',
      channelId,
      ({ externalOrderId, quantity, state }) =>
        state === 'PLACED' && quantity <= maxQuantity && externalOrderId !== null && !except.includes(externalOrderId),
    )
    // Orders without the instant come before others, as the newest is the last.
    return found.toSorted(byInstantAndId(({ placedAt }) => placedAt)).at(-1)?.externalOrderId ?? null
  }

  async newestTickets(transaction: DatabaseTransaction, channelId: string, limit: number) {
    this.database.assertAvailable()
    const { orders, tickets } = this.database
    const live = tickets.whereKey(transaction, 'channelId', channelId, ({ state }) => state === 'VALID')
    const newest = live.toSorted(byId).toReversed().slice(0, limit)
    return newest.flatMap(({ externalTicketId, orderId }) => {
      const externalOrderId = orders.get(transaction, orderId)?.externalOrderId ?? null
      return externalTicketId === null || externalOrderId === null ? [] : [{ externalOrderId, externalTicketId }]
    })
  }

  async listingsOf(platform: Platform, externalOrderId: string): Promise<string[]> {
    this.database.assertAvailable()
    const isOfPlatform = (row: StoredOrder) => row.platform === platform
    const orders = this.database.orders.whereKey(null, 'externalOrderId', externalOrderId, isOfPlatform)
    const channelOf = ({ channelId }: StoredOrder) => this.database.channels.get(null, channelId ?? '')
    return [...new Set(orders.flatMap((order) => channelOf(order)?.externalEventId ?? []))]
  }

  async stateOf(externalOrderId: string, channelIds: readonly string[]): Promise<OrderRow['state'] | null> {
    this.database.assertAvailable()
    const isInChannels = ({ channelId }: StoredOrder) => channelId !== null && channelIds.includes(channelId)
    const found = this.database.orders.whereKey(null, 'externalOrderId', externalOrderId, isInChannels)
    return found.some(({ state }) => state === 'PLACED') ? 'PLACED' : (found[0]?.state ?? null)
  }

  async neverRead(channelId: string, before: Date, limit: number): Promise<{ orderId: string; seenAt: Date }[]> {
    this.database.assertAvailable()
    const isNeverRead = ({ state, version, seenAt }: StoredOrder) =>
      state === 'PLACED' && version === NEVER_READ && seenAt < before
    const found = this.database.orders.whereKey(null, 'channelId', channelId, isNeverRead)
    const oldest = found.toSorted(byInstantAndId(({ seenAt }) => seenAt)).slice(0, limit)
    return oldest.map(({ externalOrderId, seenAt }) => ({ orderId: externalOrderId ?? '', seenAt }))
  }

  async lastSeenAt(eventId: string, channelId: string): Promise<Date | null> {
    this.database.assertAvailable()
    const orders = this.database.orders.whereKey(null, 'channelId', channelId, (row) => row.eventId === eventId)
    return orders.toSorted(byInstant(({ seenAt }) => seenAt)).at(-1)?.seenAt ?? null
  }

  private rowsOf(scope: Scope, found: readonly StoredOrder[]): OrderRows {
    const rows: OrderRows = { orders: new Map(), tickets: new Map() }
    for (const order of found) {
      const { id, state, quantity, version, revision, buyerName, buyerEmail, buyerErasedAt, placedAt } = order
      const [channelId, externalOrderId] = [order.channelId ?? '', order.externalOrderId ?? '']
      const platform = platformOf(order.platform)
      const place = { channelId, platform }
      const stored = this.database.tickets.whereKey(scope, 'orderId', id).map((ticket): TicketRow => {
        const {
          eventId: _,
          seat: _seat,
          code: _code,
          createdAt: _createdAt,
          transferredAt: _given,
          ignoredCheckInAt: _ignored,
          ...recorded
        } = ticket
        return { ...recorded, ...place, externalTicketId: ticket.externalTicketId ?? '' }
      })
      const tickets = new Map(stored.map((ticket) => [ticket.externalTicketId, ticket.state === 'VALID']))
      const buyer = { buyerName, buyerEmail, buyerErasedAt }
      const listedVersion = this.database.channels.get(scope, channelId)?.listedVersion ?? null
      const versions = { version, listedVersion, revision }
      const row = { ...place, id, externalOrderId, state, quantity, ...versions, ...buyer, placedAt, tickets }
      rows.orders.set(orderKey(channelId, externalOrderId), row)
      for (const ticket of stored) rows.tickets.set(ticketKey(channelId, ticket.externalTicketId), ticket)
    }
    return rows
  }
}
