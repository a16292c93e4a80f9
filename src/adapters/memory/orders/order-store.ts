import { type Platform, platformOf } from '../../../domain/channel.js'
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
import { byInstant, byInstantAndId } from '../sorting.js'

export class MemoryOrderStore extends OrderStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async readOrders(
    transaction: DatabaseTransaction | null,
    eventId: string,
    orders: readonly { channelId: string; externalOrderId: string }[],
  ): Promise<OrderRows> {
    this.database.assertAvailable()
    const keys = new Set(orders.map(({ channelId, externalOrderId }) => externalKey(channelId, externalOrderId) ?? ''))
    const found = [...keys].flatMap((key) => this.database.orders.getUnique(transaction, key) ?? [])
    return this.rowsOf(
      transaction,
      found.filter((order) => order.eventId === eventId),
    )
  }

  async readHolders(
    transaction: DatabaseTransaction,
    eventId: string,
    tickets: readonly { channelId: string; externalTicketId: string }[],
  ): Promise<OrderRows> {
    this.database.assertAvailable()
    const held = tickets.flatMap(({ channelId, externalTicketId }) => {
      const key = externalKey(channelId, externalTicketId) ?? ''
      return this.database.tickets.getUnique(transaction, key) ?? []
    })
    const orderIds = new Set(held.filter((ticket) => ticket.eventId === eventId).map(({ orderId }) => orderId))
    return this.rowsOf(
      transaction,
      [...orderIds].flatMap((id) => this.database.orders.get(transaction, id) ?? []),
    )
  }

  async writeOrders(transaction: DatabaseTransaction, eventId: string, orders: readonly OrderRow[]): Promise<void> {
    this.database.assertAvailable()
    const now = this.database.clock.now()
    for (const { tickets: _, id, channelId, platform, externalOrderId, ...order } of orders) {
      const key = externalKey(channelId, externalOrderId) ?? ''
      const recorded = this.database.orders.getUnique(transaction, key)
      const { state, quantity, version, revision, placedAt } = order
      const isErased = (recorded?.buyerErasedAt ?? null) !== null
      const buyerName = isErased ? null : order.buyerName
      const buyerEmail = isErased ? null : order.buyerEmail
      const change = { state, quantity, version, revision, buyerName, buyerEmail, placedAt, updatedAt: now }
      if (recorded) await this.database.orders.update(transaction, recorded.id, change)
      else {
        const fixed = { id, eventId, platform, channelId, externalOrderId, seenAt: now, buyerErasedAt: null }
        const row = { ...fixed, ...change }
        await this.database.orders.insert(transaction, row)
      }
    }
  }

  async writeTickets(transaction: DatabaseTransaction, eventId: string, tickets: readonly TicketRow[]): Promise<void> {
    this.database.assertAvailable()
    const createdAt = this.database.clock.now()
    for (const { id, channelId, platform, externalTicketId, ...ticket } of tickets) {
      const key = externalKey(channelId, externalTicketId) ?? ''
      const recorded = this.database.tickets.getUnique(transaction, key)
      const { orderId, ticketClassId, state, version, cancelledAt } = ticket
      const change = { orderId, ticketClassId, state, version, cancelledAt }
      if (recorded) await this.database.tickets.update(transaction, recorded.id, change)
      else {
        const fixed = { id, eventId, platform, channelId, externalTicketId, seat: null, code: null, createdAt }
        await this.database.tickets.insert(transaction, { ...fixed, ...change })
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

  async writeVersions(versions: readonly { id: string; version: string }[]): Promise<void> {
    this.database.assertAvailable()
    for (const { id, version } of versions) {
      await this.database.orders.update(null, id, { version }, (row) => row.version < version)
    }
  }

  async listingsOf(platform: Platform, externalOrderId: string): Promise<string[]> {
    this.database.assertAvailable()
    const isOfPlatform = (row: StoredOrder) => row.platform === platform
    const orders = this.database.orders.whereKey(null, 'externalOrderId', externalOrderId, isOfPlatform)
    const channelOf = ({ channelId }: StoredOrder) => this.database.channels.get(null, channelId ?? '')
    return [...new Set(orders.flatMap((order) => channelOf(order)?.externalEventId ?? []))]
  }

  async isRecorded(externalOrderId: string, channelIds: readonly string[]): Promise<boolean> {
    this.database.assertAvailable()
    const orders = this.database.orders.whereKey(null, 'externalOrderId', externalOrderId)
    return orders.some(({ channelId }) => channelId !== null && channelIds.includes(channelId))
  }

  async lastSeenAt(eventId: string, channelId: string): Promise<Date | null> {
    this.database.assertAvailable()
    const orders = this.database.orders.whereKey(null, 'channelId', channelId, (row) => row.eventId === eventId)
    return orders.toSorted(byInstant(({ seenAt }) => seenAt)).at(-1)?.seenAt ?? null
  }

  private rowsOf(scope: Scope, found: readonly StoredOrder[]): OrderRows {
    const rows: OrderRows = { orders: new Map(), tickets: new Map() }
    for (const order of found) {
      const [channelId, externalOrderId] = [order.channelId ?? '', order.externalOrderId ?? '']
      const platform = platformOf(order.platform)
      const tickets = this.database.tickets.whereKey(scope, 'orderId', order.id)
      const live = new Map(tickets.map((ticket) => [ticket.externalTicketId ?? '', ticket.state === 'VALID']))
      const row = { ...order, platform, channelId, externalOrderId, tickets: live }
      rows.orders.set(orderKey(channelId, externalOrderId), row)
      for (const ticket of tickets) {
        const externalTicketId = ticket.externalTicketId ?? ''
        rows.tickets.set(ticketKey(channelId, externalTicketId), { ...ticket, platform, channelId, externalTicketId })
      }
    }
    return rows
  }
}
