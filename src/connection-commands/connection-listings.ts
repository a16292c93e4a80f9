import { Injectable } from '@nestjs/common'
import { ChannelStore } from '../channels/channel-store.js'
import { NotFound, StateConflict, Unavailable, ValidationFailed } from '../domain/errors.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Timers } from '../infrastructure/time/timers.js'
import { INVALID_CURSOR } from '../platforms/kit/listing-pages.js'
import { nameOf, Platforms, type PlatformConnection } from '../platforms/platforms.js'
import { waitForBudget } from '../platforms/wait-for-budget.js'
import type { CallContext, Failure, Outcome, PlatformAdapter } from '../platforms/port.js'
import type { ListingPage, ListingQuery } from '../platforms/upcoming-listing.js'

/** A page of listings, and the events that drive them already, by listing. */
export interface ListedPage extends ListingPage {
  eventIds: ReadonlyMap<string, string>
}

const DEFAULT_RETRY_S = 5
const MAX_WAIT_MS = 5_000
/** The later calls of a list wait for budget in place, since it would have to be read again from its first call. */
const CONTEXT: CallContext = { lane: 'grow', continuation: false }

/** What an account has ahead of it on its platform. */
@Injectable()
export class ConnectionListings {
  constructor(
    private readonly platforms: Platforms,
    private readonly channels: ChannelStore,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /** Throws NotFound; ValidationFailed on `cursor`; StateConflict where the account is refused; Unavailable. */
  async list(connectionId: string, query: ListingQuery): Promise<ListedPage> {
    const connection = this.platforms.find(connectionId)
    if (!connection) throw new NotFound('There is no such connection.')
    const { platform, adapter } = connection
    const page = await this.read(adapter, query)
    if (page.kind !== 'OK') throw this.problemOf(connection, page, query)
    const externalEventIds = page.value.listings.map((listing) => listing.externalEventId)
    // Whichever connection names it, a listing is driven by one event.
    const driven = { platform, externalEventIds, attached: true, openAt: this.clock.now() } as const
    const channels = externalEventIds.length === 0 ? [] : await this.channels.matching(null, driven)
    return { ...page.value, eventIds: new Map(channels.map((one) => [one.externalEventId, one.eventId])) }
  }

  /** Waits for a short time where the rate limit of the account is reached: a person waits for the list. */
  private read(adapter: PlatformAdapter, query: ListingQuery): Promise<Outcome<ListingPage>> {
    return waitForBudget({ clock: this.clock, timers: this.timers }, MAX_WAIT_MS, async () => {
      const outcome = await adapter.listUpcoming?.(query, CONTEXT)
      return outcome ?? { kind: 'OK', value: { listings: [], nextCursor: null } }
    })
  }

  private problemOf(connection: PlatformConnection, failure: Failure, { cursor }: ListingQuery): Error {
    const name = nameOf(connection)
    switch (failure.kind) {
      case 'AUTH_FAILED':
      case 'FORBIDDEN':
      case 'GONE':
        return new StateConflict(`${name} refuses to list what this account has.`)
      case 'UNSUPPORTED':
        return new StateConflict(failure.reason)
      case 'REJECTED':
        // What is within a cursor is the platform's.
        if (failure.code === INVALID_CURSOR || cursor !== null) {
          return ValidationFailed.of('cursor', 'is not a cursor of this list')
        }
        return new Unavailable(`${name} returned what cannot be read.`, { cause: failure })
      case 'THROTTLED': {
        const waitMs = failure.resumeAt.getTime() - this.clock.now().getTime()
        const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000))
        return new Unavailable(`The rate limit of ${name} is reached. Try again later.`, { retryAfterSeconds })
      }
      default:
        return new Unavailable(`${name} does not respond.`, { retryAfterSeconds: DEFAULT_RETRY_S, cause: failure })
    }
  }
}
