import type { Knobs, Random } from '../../kit/index.js'
import type { RsvpArgs } from './paging.js'
import type { EventRecord } from '../state/model.js'
import type { Sales } from '../state/sales.js'
import type { MeetupState } from '../state/state.js'

/** Injects page faults: empty pages, truncated pages, and lists that change between pages. */
export class PageFaults {
  /** Events whose next follow-up page fails. */
  private readonly broken = new Set<string>()

  constructor(private readonly ports: { knobs: Knobs; random: Random; state: MeetupState; sales: Sales }) {}

  draw(
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

  /** Called before a follow-up page is read: may move an RSVP to the top of the list. */
  shift(eventId: string): void {
    const { state, random, sales } = this.ports
    if (!random.chance(state.ports.toggles.current.shiftWhilePaging)) return
    const rsvps = state.rsvps(state.event(eventId))
    if (rsvps.length > 0) sales.touch(random.pick(rsvps).id)
  }
}
