import type { Outcome } from '../../port.js'
import type { MeetupClient } from '../client/client.js'
import type { OperationContext } from '../../operation.js'
import type { JsonObject } from '../../kit/response-shape.js'
import type { EventCache } from '../caps/event-cache.js'
import { rsvpPage } from '../client/operations.js'

/** How long a stored first page may be reused, ms. */
const TTL_MS = 10_000
const MAX_STORED_PAGES = 100

export interface PageRead {
  event: JsonObject
  /** When it was requested, ms since the epoch. */
  at: number
}

/** Requests pages of RSVPs. */
export class RsvpQuery {
  /** False once the schema turned out to have no event type: then no event is hybrid. */
  private hasEventType = true
  private readonly firstPages = new Map<string, PageRead>()

  constructor(
    private readonly client: MeetupClient,
    private readonly cache: EventCache,
    private readonly now: () => Date,
  ) {}

  async page(
    eventId: string,
    first: number,
    after: string | null,
    context: OperationContext,
  ): Promise<Outcome<PageRead>> {
    const at = this.now().getTime()
    const variables = { id: eventId, first, after }
    const withType = this.hasEventType
    let event = await this.client.execute(rsvpPage(first, withType), variables, context)
    if (withType && event.kind === 'REJECTED' && event.code === 'VALIDATION_ERROR') {
      event = await this.client.execute(rsvpPage(first, false), variables, context)
      if (event.kind === 'OK') this.hasEventType = false
    }
    if (event.kind !== 'OK') return event
    this.cache.recordEvent(eventId, event.value)
    return { kind: 'OK', value: { event: event.value, at } }
  }

  /** Stores a first page for the listing that follows a read of the channel. */
  store(eventId: string, page: PageRead): void {
    if (this.firstPages.size >= MAX_STORED_PAGES) this.firstPages.clear()
    this.firstPages.set(eventId, page)
  }

  /** Returns and removes the stored page; null: none, or it has expired. */
  take(eventId: string): PageRead | null {
    const page = this.firstPages.get(eventId)
    this.firstPages.delete(eventId)
    return page && this.now().getTime() - page.at <= TTL_MS ? page : null
  }
}
