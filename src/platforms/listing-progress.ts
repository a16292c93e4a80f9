import { createHash } from 'node:crypto'
import type { OrderSnapshot } from '../domain/orders/order-snapshot.js'
import type { Cursor } from './port.js'

/** With the smallest page size of a platform this is a list of more than 100,000 orders. */
const MAX_PAGES = 5_000
/**
 * Consecutive pages without a new order: a list may shift while it is read, and states without orders have a page each.
 */
const MAX_IDLE_PAGES = 20

/** Detects a paginated list that does not end. One object per list. */
export class ListingProgress {
  private pages = 0
  private idle = 0
  private readonly seen = new Set<string>()

  /** Why reading should stop after this page; null: continue. */
  stallReason(snapshots: readonly OrderSnapshot[], from: Cursor | null, next: Cursor): string | null {
    this.pages += 1
    if (from !== null && JSON.stringify(from) === JSON.stringify(next))
      return `the cursor of page ${this.pages} did not change`
    const digest = digestOf(snapshots)
    this.idle = snapshots.length === 0 || this.seen.has(digest) ? this.idle + 1 : 0
    this.seen.add(digest)
    if (this.idle >= MAX_IDLE_PAGES) return `${this.idle} consecutive pages without new data`
    return this.pages >= MAX_PAGES ? `the list did not end within ${MAX_PAGES} pages` : null
  }
}

/** Digest of the orders and tickets of a page, independent of when it was read. */
function digestOf(snapshots: readonly OrderSnapshot[]): string {
  const hash = createHash('sha1')
  for (const { orderId, tickets } of snapshots) {
    hash.update(JSON.stringify([orderId, ...tickets.map(({ ticketId, live }) => [ticketId, live])]))
  }
  return hash.digest('base64')
}
