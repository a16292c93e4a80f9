import type { Knobs, Random } from '../kit/index.js'
import type { Admission } from './admission.js'
import type { Book } from './book.js'
import type { RsvpArgs } from './connection.js'
import type { EventRecord } from './model.js'

/** What goes wrong with pages: empty ones, cut ones, and lists that move under the reader. */
export class PageFaults {
  /** Events whose next further page fails. */
  private readonly broken = new Set<string>()

  constructor(private readonly ports: { knobs: Knobs; random: Random; book: Book; admission: Admission }) {}

  fate(
    event: EventRecord,
    { after }: RsvpArgs,
    throttled: boolean,
  ): { empty: boolean; truncated: boolean; failed: boolean } {
    const { knobs, random } = this.ports
    const failed = after != null && this.broken.delete(event.token)
    const truncated = random.chance(knobs.current.truncatedPage)
    if (truncated) this.broken.add(event.token)
    return { empty: throttled || random.chance(knobs.current.emptyPage), truncated, failed }
  }

  /** Before a further page is read: something in the list moves to its top. */
  shift(eventId: string): void {
    const { book, random, admission } = this.ports
    if (!random.chance(book.ports.toggles.current.shiftWhilePaging)) return
    const rsvps = book.rsvps(book.event(eventId))
    if (rsvps.length > 0) admission.touch(random.pick(rsvps).id)
  }
}
