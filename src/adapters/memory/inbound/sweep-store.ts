import type { Platform } from '../../../domain/channel.js'
import { isLive } from '../../../domain/events/event-state.js'
import type { Channel } from '../../../domain/channel-record.js'
import {
  SweepStore,
  type ChannelSweep,
  type ChannelWithSweep,
  type SweepChange,
} from '../../../inbound/polling/sweep-store.js'
import { balancesIn } from '../stock/ledger-store.js'
import type { MemoryDatabase } from '../memory-database.js'

const UNPLANNED: Omit<ChannelSweep, 'channelId' | 'nextSweepAt' | 'pauseMs'> = {
  nextPollAt: null,
  missedWebhookAt: null,
  pollMs: null,
  readRequestedAt: null,
  readFailure: null,
  readFailedAt: null,
}

export class MemorySweepStore extends SweepStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async find(channelId: string): Promise<ChannelWithSweep | null> {
    this.database.assertAvailable()
    const channel = this.database.channels.get(null, channelId)
    return channel ? this.withSweep(channel) : null
  }

  async due(now: Date, platforms: readonly Platform[], limit: number): Promise<ChannelWithSweep[]> {
    const isDue = ({ nextPollAt, nextSweepAt }: ChannelSweep) =>
      (nextPollAt !== null && nextPollAt <= now) || nextSweepAt <= now
    const isRead = ({ platform }: Channel) => platforms.some((name) => name === platform)
    const isNext = (channel: Channel, sweep: ChannelSweep | null) => isRead(channel) && (sweep === null || isDue(sweep))
    return this.scheduled(now, isNext).slice(0, limit)
  }

  async withFuturePoll(now: Date, platforms: readonly Platform[], limit: number): Promise<ChannelWithSweep[]> {
    const isLater = ({ nextPollAt }: ChannelSweep) => nextPollAt === null || nextPollAt > now
    const isPolledLater = ({ platform }: Channel, sweep: ChannelSweep | null) =>
      platforms.some((name) => name === platform) && sweep !== null && isLater(sweep)
    return this.scheduled(now, isPolledLater).slice(0, limit)
  }

  async plan(channelId: string, times: SweepChange & Pick<ChannelSweep, 'nextSweepAt' | 'pauseMs'>): Promise<void> {
    this.database.assertAvailable()
    await this.database.sweeps.upsert(null, { channelId, ...UNPLANNED, ...times }, times)
  }

  async update(channelId: string, change: SweepChange): Promise<void> {
    this.database.assertAvailable()
    await this.database.sweeps.update(null, channelId, change)
  }

  async postponeSweep(channelId: string, at: Date): Promise<void> {
    this.database.assertAvailable()
    await this.database.sweeps.update(null, channelId, { nextSweepAt: at }, ({ nextSweepAt }) => nextSweepAt < at)
  }

  async movePoll(
    channelId: string,
    scheduledAt: Date | null,
    { nextPollAt, pollMs }: Pick<ChannelSweep, 'nextPollAt' | 'pollMs'>,
  ): Promise<void> {
    this.database.assertAvailable()
    const isUnchanged = (sweep: ChannelSweep) => sweep.nextPollAt?.getTime() === scheduledAt?.getTime()
    await this.database.sweeps.update(null, channelId, { nextPollAt, pollMs }, isUnchanged)
  }

  async sweepAll(connectionId: string, at: Date): Promise<void> {
    this.database.assertAvailable()
    const isOfConnection = ({ channelId }: ChannelSweep) =>
      this.database.channels.get(null, channelId)?.connectionId === connectionId
    await this.database.sweeps.updateWhere(null, isOfConnection, { nextSweepAt: at })
  }

  private scheduled(now: Date, matches: (channel: Channel, sweep: ChannelSweep | null) => boolean): ChannelWithSweep[] {
    this.database.assertAvailable()
    const { channels, sweeps } = this.database
    return channels
      .where(null, ({ importedAt, detachedAt }) => importedAt !== null && detachedAt === null)
      .filter((channel) => matches(channel, sweeps.get(null, channel.id) ?? null))
      .flatMap((channel) => this.withSweep(channel) ?? [])
      .filter(({ event }) => isLive(event, now))
  }

  /** Null: its event does not exist. */
  private withSweep(channel: Channel): ChannelWithSweep | null {
    const { events, ledgers, sweeps } = this.database
    const event = events.get(null, channel.eventId)
    if (!event) return null
    const balances = ledgers.get(null, event.id) ? balancesIn(this.database, null, event.id) : null
    return { ...channel, sweep: sweeps.get(null, channel.id) ?? null, event, balances }
  }
}
