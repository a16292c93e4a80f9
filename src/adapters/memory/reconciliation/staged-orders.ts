import { NEVER_READ } from '../../../domain/orders/order-snapshot.js'
import {
  StagedOrders,
  type AbsentOrder,
  type StagedSnapshot,
  type StagedTicket,
} from '../../../reconciliation/orders/staged-orders.js'
import type { MemoryDatabase } from '../memory-database.js'
import type { OrderRow } from '../rows.js'
import { byBytes } from '../sorting.js'

export class MemoryStagedOrders extends StagedOrders {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async clear(listing: string): Promise<void> {
    this.database.assertAvailable()
    const rows = this.database.stagedOrders.whereKey(null, 'listing', listing)
    await this.database.stagedOrders.deleteWhere(null, (row) => row.listing === listing, rows)
  }

  async clearAll(): Promise<void> {
    this.database.assertAvailable()
    await this.database.stagedOrders.deleteWhere(null, () => true)
  }

  async countTickets(listing: string, ticketClassId: string | null = null): Promise<{ all: number; live: number }> {
    const tickets = this.tickets(listing).filter(
      (ticket) => ticketClassId === null || ticket.ticketClassId === ticketClassId,
    )
    const ids = (shown: readonly StagedTicket[]) => new Set(shown.map(({ ticketId }) => ticketId))
    return { all: ids(tickets).size, live: ids(tickets.filter(({ live }) => live)).size }
  }

  async countRecorded({ id: channelId }: { id: string }): Promise<number> {
    this.database.assertAvailable()
    return this.database.orders.whereKey(null, 'channelId', channelId, ({ state }) => state === 'PLACED').length
  }

  async findAbsent(
    listing: string,
    { id: channelId }: { id: string },
    since: Date,
    limit: number,
  ): Promise<AbsentOrder[]> {
    const staged = this.staged(listing)
    const whole = new Set(staged.filter(({ complete }) => complete).map(({ orderId }) => orderId))
    const shown = new Set(this.tickets(listing).map(({ ticketId }) => ticketId))
    const wasShown = ({ seenAt, version }: OrderRow) => seenAt < since && version !== NEVER_READ
    const orders = this.database.orders.whereKey(null, 'channelId', channelId, wasShown)
    const absent = orders.flatMap(({ id, state, externalOrderId, version }) => {
      if (state !== 'PLACED' || externalOrderId === null || whole.has(externalOrderId)) return []
      const live = this.database.tickets.whereKey(null, 'orderId', id, (ticket) => ticket.state === 'VALID')
      const ticketIds = live
        .flatMap(({ externalTicketId }) => externalTicketId ?? [])
        .filter((ticketId) => !shown.has(ticketId))
      return ticketIds.length === 0 ? [] : [{ orderId: externalOrderId, version, ticketIds }]
    })
    return absent.toSorted((a, b) => byBytes(a.orderId, b.orderId)).slice(0, limit)
  }

  protected async insert(listing: string, snapshots: readonly StagedSnapshot[]): Promise<void> {
    this.database.assertAvailable()
    for (const snapshot of snapshots) {
      const { orderId } = snapshot
      await this.database.stagedOrders.insert(null, { id: this.database.nextId(), listing, orderId, snapshot })
    }
  }

  protected async orderIds(listing: string, after: string, limit: number): Promise<string[]> {
    const ids = new Set(this.staged(listing).map(({ orderId }) => orderId))
    return [...ids]
      .filter((id) => byBytes(id, after) > 0)
      .toSorted(byBytes)
      .slice(0, limit)
  }

  protected async snapshots(listing: string, after: string, last: string): Promise<StagedSnapshot[]> {
    return this.staged(listing)
      .filter(({ orderId }) => byBytes(orderId, after) > 0 && byBytes(orderId, last) <= 0)
      .toSorted((a, b) => byBytes(a.orderId, b.orderId))
  }

  /** In the order in which they were added. */
  private staged(listing: string): StagedSnapshot[] {
    this.database.assertAvailable()
    return this.database.stagedOrders.whereKey(null, 'listing', listing).map(({ snapshot }) => snapshot)
  }

  private tickets(listing: string): StagedTicket[] {
    return this.staged(listing).flatMap(({ tickets }) => tickets)
  }
}
