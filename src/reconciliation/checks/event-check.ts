import { Injectable, Logger } from '@nestjs/common'
import pLimit, { type LimitFunction } from 'p-limit'
import { ChannelStore } from '../../channels/channel-store.js'
import type { Channel } from '../../domain/channel-record.js'
import { isDatabaseOutage } from '../../infrastructure/errors/database-outage.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { traitsOf } from '../../platforms/registry.js'
import type { RebuildCause } from '../../stock/gate/rebuild.js'
import { CapCheck } from './cap-check.js'
import { GateCheck } from './gate-check.js'
import { OrderCheck, type CheckOptions } from '../orders/order-check.js'
import { RunLimits } from '../run/run-limits.js'
import { RunStopped, withDeadline } from '../run/run-deadline.js'
import { unreadableDrift } from '../drift/unreadable-drifts.js'

/** Listings of one connection that are read at the same time, over all events: one that is slow must not keep the others waiting. */
const LISTINGS_AT_ONCE = 4
/** A gate is compared under the event's lock. */
const GATES_AT_ONCE = 2

/**
 * Compares one event: its channels concurrently, then its stock gate. Each connection has a budget, and so a queue, of its own:
 * its listings are read one after another, whatever the other channels of their events are waiting for.
 */
@Injectable()
export class EventCheck {
  private readonly logger = new Logger(EventCheck.name)
  /** By connection. */
  private readonly listings = new Map<string, LimitFunction>()
  private readonly gates = pLimit(GATES_AT_ONCE)

  constructor(
    private readonly channels: ChannelStore,
    private readonly orders: OrderCheck,
    private readonly caps: CapCheck,
    private readonly gate: GateCheck,
    private readonly limits: RunLimits,
    private readonly timers: Timers,
  ) {}

  /** @throws RunStopped, and errors of a database outage. */
  async check(eventId: string, cause: RebuildCause, options: CheckOptions): Promise<void> {
    const channels = await this.channels.matching(null, { eventId, attached: true })
    // Without an API there is nothing to compare with: a person's count is what is recorded.
    const read = channels.filter(({ platform }) => traitsOf(platform).hasApi)
    const results = await Promise.allSettled(read.map((channel) => this.checkChannel(channel, options)))
    for (const result of results) if (result.status === 'rejected') throw result.reason
    await this.isolate(
      () => this.gates(() => this.withinLimit(options, (within) => this.gate.check(eventId, cause, within))),
      async (reason) => {
        const drift = { eventId, channel: null, kind: 'UNREADABLE', externalOrderId: null } as const
        await options.sink([
          {
            ...drift,
            ledger: null,
            platform: null,
            corrected: false,
            detail: `The stock gate could not be compared: ${reason}`,
          },
        ])
      },
    )
  }

  private async checkChannel(channel: Channel, options: CheckOptions): Promise<void> {
    if (!channel.importedAt) {
      const reason = channel.syncError ?? 'its import is pending'
      await options.sink([unreadableDrift(channel, `${channel.platform} has not been imported yet: ${reason}.`)])
      return
    }
    await this.isolate(
      () =>
        this.listingsOf(channel.connectionId)(() =>
          this.withinLimit(options, async (within) => {
            await this.orders.check(channel, within)
            await this.caps.check(channel.id, within)
          }),
        ),
      (reason) => options.sink([unreadableDrift(channel, `${channel.platform} could not be compared: ${reason}`)]),
    )
  }

  private listingsOf(connectionId: string): LimitFunction {
    const limit = this.listings.get(connectionId) ?? pLimit(LISTINGS_AT_ONCE)
    this.listings.set(connectionId, limit)
    return limit
  }

  /** The time in a queue does not count. */
  private withinLimit(options: CheckOptions, work: (within: CheckOptions) => Promise<void>): Promise<void> {
    const { channelMs } = this.limits
    return withDeadline(channelMs, options.signal, (signal) => work({ ...options, signal }), this.timers)
  }

  /** A failure of one comparison does not abort the others. */
  private async isolate(work: () => Promise<unknown>, onFailure: (reason: string) => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof RunStopped || isDatabaseOutage(error)) throw error
      this.logger.error({ err: error }, 'reconciliation comparison failed')
      await onFailure(error instanceof Error ? error.message : String(error))
    }
  }
}
