import type { Outcome } from '../port.js'
import type { MeetupClient } from './client.js'
import type { OperationContext } from '../operation.js'
import type { JsonObject } from './contract.js'
import type { EventMemory } from './event-memory.js'
import { rsvpPage } from './operations.js'

/** A first page that was read for another purpose is as good for so long, ms. */
const FRESH_MS = 10_000
const MAX_RETAINED = 100

export interface PageRead {
  event: JsonObject
  /** When it was asked for, ms since the epoch. */
  at: number
}

/** Asks for pages of RSVPs. */
export class RsvpQuery {
  /** False once the schema has shown that its events have no type: then none of them is hybrid. */
  private typed = true
  private readonly firstPages = new Map<string, PageRead>()

  constructor(
    private readonly client: MeetupClient,
    private readonly memory: EventMemory,
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
    const typed = this.typed
    let answer = await this.client.execute(rsvpPage(first, typed), variables, context)
    if (typed && answer.kind === 'REJECTED' && answer.code === 'VALIDATION_ERROR') {
      answer = await this.client.execute(rsvpPage(first, false), variables, context)
      if (answer.kind === 'OK') this.typed = false
    }
    if (answer.kind !== 'OK') return answer
    this.memory.noteEvent(eventId, answer.value)
    return { kind: 'OK', value: { event: answer.value, at } }
  }

  /** Keeps a first page for the listing that follows a reading of the channel. */
  keep(eventId: string, page: PageRead): void {
    if (this.firstPages.size >= MAX_RETAINED) this.firstPages.clear()
    this.firstPages.set(eventId, page)
  }

  /** The page that was kept, once; null: there is none, or it is too old. */
  take(eventId: string): PageRead | null {
    const page = this.firstPages.get(eventId)
    this.firstPages.delete(eventId)
    return page && this.now().getTime() - page.at <= FRESH_MS ? page : null
  }
}
