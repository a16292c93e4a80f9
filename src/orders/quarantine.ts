import { Injectable } from '@nestjs/common'
import type { Channel } from '../domain/channel-record.js'
import { wellFormed } from '../infrastructure/text/well-formed.js'
import { Clock } from '../infrastructure/time/clock.js'
import type { AppliedOrder } from '../domain/orders/applied-order.js'
import { QuarantineStore, type QuarantineRow } from './quarantine-store.js'

/** A record to be quarantined: an order, or a row without an order id. Contains no personal data. */
export interface RejectedRecord {
  orderId: string | null
  reason: string
}

const MAX_TEXT_LENGTH = 500

/** Orders and rows that could not be parsed or stored, per channel. A record is open until its order can be stored. */
@Injectable()
export class Quarantine {
  constructor(
    private readonly store: QuarantineStore,
    private readonly clock: Clock,
  ) {}

  /** After a page: quarantines records that could not be parsed or stored, and resolves those that could. */
  async recordPage(
    channel: Channel,
    applied: readonly AppliedOrder[],
    unreadable: readonly RejectedRecord[],
  ): Promise<void> {
    const refused = applied.flatMap(({ externalOrderId, refused: reason }) =>
      reason === null ? [] : [{ orderId: externalOrderId, reason }],
    )
    const rejected = [...unreadable, ...refused]
    await this.add(channel, rejected)
    const stillOpen = new Set(rejected.map(({ orderId }) => orderId))
    const stored = applied.map(({ externalOrderId }) => externalOrderId).filter((orderId) => !stillOpen.has(orderId))
    await this.resolve(channel, stored)
  }

  /** Opens a record for each, or increments the attempts of an open one. */
  async add(channel: Channel, rejected: readonly RejectedRecord[]): Promise<void> {
    const rows = new Map(rejected.map((record) => [record.orderId ?? `\n${record.reason}`, rowOf(record)]))
    await this.store.add(channel, [...rows.values()])
  }

  /** Resolves the records of stored orders. Reads first: usually there is nothing to resolve. */
  async resolve({ id: channelId }: Channel, orderIds: readonly string[]): Promise<void> {
    const open = await this.store.openOrders(channelId)
    const stored = new Set(orderIds)
    const ids = open.filter(({ externalOrderId }) => stored.has(externalOrderId)).map(({ id }) => id)
    await this.store.resolve(ids, this.clock.now())
  }

  /** Resolves records that a full read, started at `since`, no longer found. */
  async resolveUnseen({ id: channelId }: Channel, since: Date): Promise<void> {
    await this.store.resolveUnseen(channelId, since, this.clock.now())
  }
}

function rowOf({ orderId, reason }: RejectedRecord): QuarantineRow {
  const text = (value: string) => wellFormed(value).slice(0, MAX_TEXT_LENGTH)
  return {
    externalOrderId: orderId === null ? null : text(orderId),
    reason: text(reason),
    // As JSON, so that text that cannot be stored verbatim remains readable.
    excerpt: orderId === null ? null : text(JSON.stringify({ orderId })),
  }
}
