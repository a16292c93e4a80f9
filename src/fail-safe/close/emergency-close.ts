import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common'
import { CapSync, type SyncResult } from '../../channels/sync/cap-sync.js'
import { permitted, channelStateOf } from '../../channels/channel-state.js'
import { isRequested } from '../../channels/tasks/listing-task.js'
import { nextWrite } from '../../domain/caps/next-write.js'
import type { Channel } from '../../domain/channel-record.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { EventStore } from '../../stock/event-store.js'
import { ClosingOrder } from './closing-order.js'
import { ConnectionLanes } from './connection-lanes.js'

/** Per connection: a slow or throttled one does not block the others. */
const MAX_CONCURRENT = 4
/** The adapter's own call timeout is 10 s. */
const CLOSE_TIMEOUT_MS = 3_000
/** Shorter than the backoff of `CapSync`: sales continue until the channel is closed. */
const BACKOFF = { initialMs: 200, maxMs: 2_000 }
type SyncFailure = Extract<SyncResult, { done: false }>['failure']
/** These need an operator: retrying every two seconds would only spend the budget of other channels. */
const PERMANENT: readonly SyncFailure[] = ['AUTH_FAILED', 'FORBIDDEN', 'GONE', 'UNSUPPORTED']

type OpenChannel = Pick<Channel, 'id' | 'platform' | 'connectionId'>

/** The attempt did not close the channel; it is retried after its backoff. */
class NotClosed extends Error {}

/**
 * Sets every channel of every event on sale to "waitlist only" without Redis: calls the platform adapters directly and
 * retries each channel until its platform has confirmed. Platforms are closed concurrently.
 */
@Injectable()
export class EmergencyClose implements BeforeApplicationShutdown {
  private readonly logger = new Logger('FailSafe')
  private readonly lanes: ConnectionLanes<OpenChannel>
  /** Earliest next attempt per channel, ms since 1970, as reported by the platform or its budget. */
  private readonly retryAt = new Map<string, number>()

  constructor(
    private readonly events: EventStore,
    private readonly capSync: CapSync,
    private readonly order: ClosingOrder,
    private readonly clock: Clock,
    timers: Timers,
  ) {
    this.lanes = new ConnectionLanes({
      concurrency: MAX_CONCURRENT,
      deadlineMs: CLOSE_TIMEOUT_MS,
      backoff: BACKOFF,
      work: (channel) => this.close(channel),
      onFailure: ({ id }, error) => {
        if (error instanceof NotClosed)
          this.logger.debug({ channelId: id, reason: error.message }, 'channel not closed yet')
        else this.logger.warn({ err: error, channelId: id }, 'failed to close channel; will retry')
      },
      clock,
      timers,
    })
  }

  /** Starts closing the due channels among those not confirmed closed. Returns how many are not confirmed closed. */
  async startRound(): Promise<number> {
    const open = await this.findNotClosed()
    const ids = new Set(open.map(({ id }) => id))
    for (const id of this.retryAt.keys()) if (!ids.has(id)) this.retryAt.delete(id)
    const nowMs = this.clock.now().getTime()
    const due = open.filter(({ id }) => (this.retryAt.get(id) ?? 0) <= nowMs)
    void this.lanes.start(due)
    return open.length
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.lanes.idle()
  }

  private async close({ id }: OpenChannel): Promise<void> {
    const result = await this.capSync.sync(id)
    if (result.done) return void this.retryAt.delete(id)
    if (result.failure === 'THROTTLED' || PERMANENT.includes(result.failure)) {
      this.retryAt.set(id, result.retryAt.getTime())
      return
    }
    throw new NotClosed(result.reason)
  }

  private async findNotClosed(): Promise<OpenChannel[]> {
    const events = await this.events.snapshots({ scope: 'synced', now: this.clock.now(), hasChannels: true })
    return (await this.order.prioritize(events)).flatMap(({ channels, balances }) =>
      channels.filter((channel) => {
        const next = nextWrite(permitted(channelStateOf(channel, balances), true), 0)
        // A person who was requested to close a listing is not waited for.
        if (isRequested(channel, next)) return false
        return next.kind !== 'IN_SYNC' || channel.unconfirmedCap !== null
      }),
    )
  }
}
