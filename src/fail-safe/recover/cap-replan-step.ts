import { Injectable, Logger } from '@nestjs/common'
import { ChannelStore } from '../../channels/channel-store.js'
import { DesiredState } from '../../channels/desired-state.js'
import { DIRECT } from '../../domain/channel.js'
import { allocated, capacityOf, sold, unitsOf, type Balances } from '../../domain/stock/ledger-account.js'
import type { Channel } from '../../domain/channel-record.js'
import { Stock } from '../../stock/stock.js'
import { runEach } from '../../infrastructure/run-each.js'
import { Clock } from '../../infrastructure/time/clock.js'
import { Timers } from '../../infrastructure/time/timers.js'
import { SoftCap } from '../../channels/soft-cap.js'
import { EventStore } from '../../stock/event-store.js'

const MAX_CONCURRENT = 4
/** Per event: its row may be locked. */
const REPLAN_TIMEOUT_MS = 3_000

/**
 * Sets desired caps that fit the sales recorded since the outage: the previous ones if they still fit, otherwise a new
 * split. Sets none where the soft cap was passed.
 */
@Injectable()
export class CapReplanStep {
  private readonly logger = new Logger('FailSafe')

  constructor(
    private readonly events: EventStore,
    private readonly channels: ChannelStore,
    private readonly stock: Stock,
    private readonly desired: DesiredState,
    private readonly softCap: SoftCap,
    private readonly clock: Clock,
    private readonly timers: Timers,
  ) {}

  /** A failing event does not block the others: its channels stay closed until a later sweep has read them. */
  async replanAll(): Promise<void> {
    const eventIds = await this.events.ids({ scope: 'open', now: this.clock.now(), hasChannels: true })
    await runEach(eventIds, {
      concurrency: MAX_CONCURRENT,
      deadlineMs: REPLAN_TIMEOUT_MS,
      timers: this.timers,
      work: (eventId) => this.replanEvent(eventId),
      onFailure: async (eventId, error) => {
        this.logger.error({ err: error, eventId }, 'failed to replan caps after the outage; the event stays closed')
        await this.channels.updateMatching(null, { eventId }, { needsSweepSince: this.clock.now() })
      },
    })
  }

  private async replanEvent(eventId: string): Promise<void> {
    await this.softCap.check(eventId)
    await this.stock.transact(eventId, async (tx) => {
      const event = await this.events.withChannels(tx.transaction, eventId)
      await this.desired.replan(tx, event, event.channels, fitsCapacity(tx.balances, event.channels))
    })
  }
}

function fitsCapacity(balances: Balances, channels: readonly Channel[]): boolean {
  if (channels.some(({ desiredCap }) => desiredCap === null)) return false
  const desired = channels.reduce((sum, channel) => {
    return sum + Math.max(channel.desiredCap ?? 0, unitsOf(balances, sold(channel)))
  }, 0)
  const direct = unitsOf(balances, sold(DIRECT)) + unitsOf(balances, allocated(DIRECT))
  return desired + direct + balances.SAFETY + balances.HELD <= capacityOf(balances)
}
