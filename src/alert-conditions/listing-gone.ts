import { Injectable } from '@nestjs/common'
import { AlertCondition, type AlertProblem } from './alert-condition.js'
import { ChannelHealth } from './channel-health.js'

const GONE = ['CANCELLED', 'POSTPONED', 'ENDED'] as const

/** A platform shows a listing as cancelled, postponed or ended while the event is still on sale here. */
@Injectable()
export class ListingGone extends AlertCondition {
  readonly kind = 'DRIFT'
  readonly about = 'listing state'

  constructor(private readonly channels: ChannelHealth) {
    super()
  }

  async find(now: Date): Promise<AlertProblem[]> {
    const channels = await this.channels.live(now, { listingStates: GONE })
    // That a listing ends after the start of its event is expected.
    const gone = channels.filter(({ listingState, event }) => {
      // Those of a closed event may be cancelled.
      return event.closedSince === null && (listingState !== 'ENDED' || event.startsAt > now)
    })
    return gone.map(({ id, eventId, event, platform, externalEventId, listingState }) => {
      const detail =
        `${event.name}: ${platform} shows listing ${externalEventId} as ${listingState.toLowerCase()}. Tickets sold ` +
        `there still count. Restore the listing on ${platform}, or close the event here.`
      return { eventId, platform, subject: id, detail }
    })
  }
}
