import type { Platform } from '../domain/channel.js'
import type { RecordedOrder } from '../domain/orders/order-difference.js'
import type { RecordedDetails } from './ticket-details.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'

/** A recorded platform order, as `OrderPlan` changes it. */
export interface OrderRow extends RecordedOrder {
  /** Of its channel. Not written. */
  listedVersion: string | null
  id: string
  channelId: string
  platform: Platform
  externalOrderId: string
  state: 'PLACED' | 'CANCELLED'
  /** Live tickets. */
  quantity: number
  buyerName: string | null
  buyerEmail: string | null
  /** When the buyer was erased, who is then not stored again; null: never. Not written. */
  buyerErasedAt: Date | null
  /** Null: the platform did not report it. */
  placedAt: Date | null
  /** Whether a ticket is live, by its id on the platform. */
  tickets: Map<string, boolean>
}

/** A recorded platform ticket. */
export interface TicketRow extends RecordedDetails {
  id: string
  channelId: string
  platform: Platform
  /** The order that currently holds it. */
  orderId: string
  externalTicketId: string
  ticketClassId: string | null
  state: 'VALID' | 'CANCELLED'
  cancelledAt: Date | null
  /** Of the snapshot that last showed it in its order. */
  version: string | null
}

/** Recorded orders and tickets by key, changed in memory until they are written. */
export interface OrderRows {
  orders: Map<OrderKey, OrderRow>
  tickets: Map<TicketKey, TicketRow>
}

export type OrderKey = `${string} ${string}`
export type TicketKey = `${string} ${string}`
/** Ids of orders and tickets are unique within a channel. */
export const orderKey = (channelId: string, externalOrderId: string): OrderKey => `${channelId} ${externalOrderId}`
export const ticketKey = (channelId: string, externalTicketId: string): TicketKey => `${channelId} ${externalTicketId}`

/** Rows of platform orders and their tickets. */
export abstract class OrderStore {
  /**
   * Recorded rows of these orders, and of the orders that currently hold these tickets, each with all of its tickets; unknown
   * ones are missing. Null: outside a transaction.
   */
  abstract readOrders(
    transaction: DatabaseTransaction | null,
    eventId: string,
    orders: readonly { channelId: string; externalOrderId: string }[],
    tickets?: readonly { channelId: string; externalTicketId: string }[],
  ): Promise<OrderRows>

  /**
   * Upserts orders and tickets by channel and id on the platform. Orders whose buyer was erased keep none, nor do tickets
   * whose holder was.
   */
  abstract write(
    transaction: DatabaseTransaction,
    eventId: string,
    orders: readonly OrderRow[],
    tickets: readonly TicketRow[],
  ): Promise<void>

  /**
   * The newest placed order of a channel with at most this many live tickets, as its id on the platform: by the time at
   * which it was placed, orders without one last, then by its id. Null: there is none but those excepted.
   */
  abstract newestPlaced(
    channelId: string,
    limits: { maxQuantity: number; except: readonly string[] },
  ): Promise<string | null>

  /** Up to `limit` live tickets of a channel, newest first by their ids, each with its order. */
  abstract newestTickets(
    transaction: DatabaseTransaction,
    channelId: string,
    limit: number,
  ): Promise<{ externalOrderId: string; externalTicketId: string }[]>

  /** Ids of the listings, detached ones included, under which an order of this id is recorded; each once. */
  abstract listingsOf(platform: Platform, externalOrderId: string): Promise<string[]>

  /** Of the order of this id in these channels: placed if it is in one of them. Null: none has it. */
  abstract stateOf(externalOrderId: string, channelIds: readonly string[]): Promise<OrderRow['state'] | null>

  /**
   * Up to `limit` placed orders of a channel that were recorded before this instant and that only deliveries have shown so
   * far (`NEVER_READ`), oldest first.
   */
  abstract neverRead(channelId: string, before: Date, limit: number): Promise<{ orderId: string; seenAt: Date }[]>

  /** When the channel's latest order was first seen; null: it has none. */
  abstract lastSeenAt(eventId: string, channelId: string): Promise<Date | null>
}
