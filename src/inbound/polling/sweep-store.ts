import type { Platform } from '../../domain/channel.js'
import type { Balances } from '../../domain/stock/ledger-account.js'
import type { Channel } from '../../domain/channel-record.js'
import type { Event } from '../../domain/event-record.js'

/** When a channel is next read on schedule, and the inputs of its interval. */
export interface ChannelSweep {
  channelId: string
  /** Polls read changes, on platforms without webhooks. Null: not polled. */
  nextPollAt: Date | null
  /** Sweeps read the whole listing where only that shows cancellations. */
  nextSweepAt: Date
  /** The pause that led to `nextSweepAt`, ms. */
  pauseMs: number
  /** When a sweep last found a change that no webhook had reported. */
  missedWebhookAt: Date | null
  /** The pause that led to `nextPollAt`, ms. */
  pollMs: number | null
  /** When the oldest pending scheduled read was requested; before `lastPullAt` of the channel: none is pending. */
  readRequestedAt: Date | null
  /** Why and when the last read failed; resolved once `lastPullAt` of the channel is later. */
  readFailure: string | null
  readFailedAt: Date | null
}

/** A channel with its schedule, and what its intervals depend on. */
export interface ChannelWithSweep extends Channel {
  /** Null: it was never scheduled. */
  sweep: ChannelSweep | null
  event: Event
  /** Null: the event has no ledger. */
  balances: Balances | null
}

export type SweepChange = Partial<Omit<ChannelSweep, 'channelId'>>

/** Schedules of channels. Imported, attached channels of live events have scheduled reads, where there is an API. */
export abstract class SweepStore {
  /** Null: there is no such channel. */
  abstract find(channelId: string): Promise<ChannelWithSweep | null>

  /** Up to `limit` channels of these platforms with a due poll or sweep, or without a schedule yet, in no particular order. */
  abstract due(now: Date, platforms: readonly Platform[], limit: number): Promise<ChannelWithSweep[]>

  /** Up to `limit` scheduled channels of these platforms without a due poll, in no particular order. */
  abstract withFuturePoll(now: Date, platforms: readonly Platform[], limit: number): Promise<ChannelWithSweep[]>

  /** Schedules the channel, or changes its schedule. */
  abstract plan(channelId: string, times: SweepChange & Pick<ChannelSweep, 'nextSweepAt' | 'pauseMs'>): Promise<void>

  /** A channel without a schedule is not changed. */
  abstract update(channelId: string, change: SweepChange): Promise<void>

  /** Postpones the next sweep to `at` unless it is scheduled later. */
  abstract postponeSweep(channelId: string, at: Date): Promise<void>

  /** Changes the next poll only if it is still scheduled for `scheduledAt`. */
  abstract movePoll(
    channelId: string,
    scheduledAt: Date | null,
    poll: Pick<ChannelSweep, 'nextPollAt' | 'pollMs'>,
  ): Promise<void>

  /** Schedules the next sweep of all scheduled channels of a connection for `at`. */
  abstract sweepAll(connectionId: string, at: Date): Promise<void>
}
