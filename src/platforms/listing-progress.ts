import { createHash } from 'node:crypto'
import type { OrderSnapshot } from '../domain/order-snapshot.js'
import type { Cursor } from './port.js'

/** At the smallest page of a platform that is a listing of more than 100,000 orders. */
const MAX_PAGES = 5_000
/** So many pages in a row may show nothing new: a list may move while it is read, and states without orders have a page each. */
const MAX_IDLE_PAGES = 20

/** Whether the reading of a listing gets anywhere. */
export class ListingProgress {
  private pages = 0
  private idle = 0
  private readonly seen = new Set<string>()

  /** Why reading on is of no use after this page; null: it may end. */
  after(snapshots: readonly OrderSnapshot[], from: Cursor | null, next: Cursor): string | null {
    this.pages += 1
    if (from !== null && JSON.stringify(from) === JSON.stringify(next)) return `page ${this.pages} leads to itself`
    const digest = digestOf(snapshots)
    this.idle = snapshots.length === 0 || this.seen.has(digest) ? this.idle + 1 : 0
    this.seen.add(digest)
    if (this.idle >= MAX_IDLE_PAGES) return `${this.idle} pages in a row show nothing new`
    return this.pages >= MAX_PAGES ? `it did not end within ${MAX_PAGES} pages` : null
  }
}

/** Of what the page shows, whenever it was read. */
function digestOf(snapshots: readonly OrderSnapshot[]): string {
  const hash = createHash('sha1')
  for (const { orderId, tickets } of snapshots) {
    hash.update(JSON.stringify([orderId, ...tickets.map(({ ticketId, live }) => [ticketId, live])]))
  }
  return hash.digest('base64')
}
