import type { ListingTruth } from '../../../simulators/kit/index.js'
import type { OrderSnapshot } from '../../../src/domain/orders/order-snapshot.js'
import type { Cursor, ListScope, OrderPage, Outcome } from '../../../src/platforms/port.js'
import { BULK, type Bench } from '../adapter-under-test.js'
import { require } from '../contract.js'

/** A list that takes more pages does not end. */
const MAX_PAGES = 60

export interface OrderList {
  pages: OrderPage[]
  /** The last page, or the failure that ended the list. */
  end: Outcome<OrderPage>
  /** Where a later list continues. */
  cursor: Cursor | null
}

/** Reads a list to its end or its first failure; `between` runs after each page but the last. */
export async function listOrders(
  { adapter, current }: Pick<Bench, 'adapter'> & { current: () => ReturnType<Bench['current']> },
  scope: ListScope,
  from: Cursor | null,
  between: (page: number) => void = () => undefined,
): Promise<OrderList> {
  const pages: OrderPage[] = []
  let cursor = from
  for (let number = 1; number <= MAX_PAGES; number++) {
    // A cursor is stored as JSON.
    const stored = cursor === null ? null : (JSON.parse(JSON.stringify(cursor)) as Cursor)
    const end = await adapter.listOrders(current(), scope, stored, BULK)
    if (end.kind !== 'OK') return { pages, end, cursor }
    pages.push(end.value)
    cursor = end.value.nextCursor
    if (end.value.done) return { pages, end, cursor }
    between(number)
  }
  throw new Error(`the list does not end after ${MAX_PAGES} pages`)
}

/** Live tickets of each order, by ticket id, as the service records them from snapshots. */
export class OrderRecord {
  private readonly orders = new Map<string, { version: string; live: Map<string, boolean> }>()

  constructor(
    private readonly ticketTypeId: string | null,
    pages: readonly OrderPage[] = [],
  ) {
    this.apply(pages.flatMap(({ snapshots }) => snapshots))
  }

  apply(snapshots: readonly OrderSnapshot[]): void {
    for (const { orderId, version, tickets, complete } of snapshots) {
      const known = this.orders.get(orderId)
      if (known && known.version > version) continue
      const live = new Map(complete ? [] : known?.live)
      for (const ticket of tickets) {
        if (this.isOurs(ticket.ticketClassId)) live.set(ticket.ticketId, ticket.live)
      }
      this.orders.set(orderId, { version, live })
    }
  }

  liveOf(orderId: string): number {
    return [...(this.orders.get(orderId)?.live.values() ?? [])].filter(Boolean).length
  }

  get liveTotal(): number {
    return this.ids.reduce((sum, id) => sum + this.liveOf(id), 0)
  }

  get ids(): string[] {
    return [...this.orders.keys()]
  }

  private isOurs(ticketClassId: string | null): boolean {
    return this.ticketTypeId === null || ticketClassId === null || ticketClassId === this.ticketTypeId
  }
}

/** Every order has exactly its valid tickets; tickets in carts may be shown. */
export function requireAllOrders(record: OrderRecord, truth: ListingTruth): void {
  for (const { orderId, tickets } of truth.orders) {
    const live = record.liveOf(orderId)
    require(live === tickets, `order ${orderId} is listed with ${live} valid tickets instead of ${tickets}`)
  }
  const known = new Set(truth.orders.map(({ orderId }) => orderId))
  const inCarts = record.ids.filter((id) => !known.has(id)).reduce((sum, id) => sum + record.liveOf(id), 0)
  require(inCarts <= truth.carts, `${inCarts} tickets are listed that were never bought`)
}

/** A completed full list: all orders, and a count that does not contradict them. */
export function requireCompleteList({ pages, end }: OrderList, ticketTypeId: string | null, truth: ListingTruth): void {
  require(end.kind === 'OK' && end.value.done, 'the list did not end', end)
  requireAllOrders(new OrderRecord(ticketTypeId, pages), truth)
  const unreadable = pages.flatMap((page) => page.unreadable ?? [])
  require(unreadable.length === 0, 'rows could not be read', unreadable)
  const count = end.value.platformCount
  require(count === null || count >= truth.sold, `the platform's count of ${count} is below the ${truth.sold} sold`)
}
