import type { ChannelMode, ChannelName } from '../domain/channel.js'
import type { Channel } from '../domain/channel-record.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'

export class ChannelUnknown extends Error {
  override readonly name = 'ChannelUnknown'

  constructor(readonly channelId: string) {
    super(`there is no channel ${channelId}`)
  }
}

/** Columns that are not fixed; undefined: unchanged. */
export type ChannelChange = Partial<Omit<Channel, 'id' | 'eventId' | 'createdAt'>>

/** Values of a new channel; undefined: the default of the column. */
export interface NewChannel
  extends
    Pick<Channel, 'id' | 'platform' | 'connectionId' | 'externalEventId'>,
    Partial<Pick<Channel, 'externalTicketClassId' | 'weight' | 'maxUnits' | 'label'>> {}

/** Values that a row must have, dates compared by their instant; undefined: any. */
export type ExpectedChannel = Partial<Omit<Channel, 'listingCursor' | 'typeLimits'>>

/** All conditions must be met; undefined: any. An empty list matches nothing. */
export interface ChannelFilter {
  ids?: readonly string[]
  eventId?: string
  platform?: ChannelName
  connectionId?: string
  /** Ids of listings on the platform; a listing has several channels where they sell its ticket types. */
  externalEventIds?: readonly string[]
  /** True: it is not detached. */
  attached?: true
  imported?: true
  /** True: sales may have been missed, and are not read yet. */
  needsSweep?: true
  /** Only channels of events that are open at this instant. */
  openAt?: Date
}

/** The request of one write, as its fence checks it. */
export interface SentWrite {
  channelId: string
  seq: number
  /** The version of the desired state that it writes. */
  desiredVersion: number
}

/**
 * Rows of channels. A null transaction: outside one, committed at once. Methods that run under the lock of the channel's
 * event require a transaction.
 */
export abstract class ChannelStore {
  /** Null: unknown. */
  abstract find(transaction: DatabaseTransaction | null, channelId: string): Promise<Channel | null>

  /** Throws ChannelUnknown. */
  async read(transaction: DatabaseTransaction | null, channelId: string): Promise<Channel> {
    const channel = await this.find(transaction, channelId)
    if (!channel) throw new ChannelUnknown(channelId)
    return channel
  }

  /** By ascending id. */
  abstract matching(transaction: DatabaseTransaction | null, filter: ChannelFilter): Promise<Channel[]>

  /**
   * When each of these connections last got a delivery for any channel of a live event; null: never. One without such a
   * channel is missing.
   */
  abstract lastDeliveries(connectionIds: readonly string[], now: Date): Promise<Map<string, Date | null>>

  /** Channels of one event, not imported yet. Returns the created rows by ascending id. */
  abstract create(
    transaction: DatabaseTransaction,
    eventId: string,
    channels: readonly NewChannel[],
  ): Promise<Channel[]>

  /** Returns the changed row. Throws ChannelUnknown. */
  abstract update(transaction: DatabaseTransaction | null, channelId: string, change: ChannelChange): Promise<Channel>

  /** Changes the row only if it has the expected values at that instant. False: it does not, or does not exist. */
  abstract updateIf(
    transaction: DatabaseTransaction | null,
    channelId: string,
    expected: ExpectedChannel,
    change: ChannelChange,
  ): Promise<boolean>

  /** Returns the number of changed rows. */
  abstract updateMatching(
    transaction: DatabaseTransaction | null,
    filter: ChannelFilter,
    change: ChannelChange,
  ): Promise<number>

  /** Sets the desired state and increments its version. Throws ChannelUnknown. */
  abstract setDesired(
    transaction: DatabaseTransaction,
    channelId: string,
    desired: { cap: number | null; mode: ChannelMode },
    at: Date,
  ): Promise<void>

  /** Records when a webhook of the channel was received. A replayed delivery does not move the time back. */
  abstract recordWebhook(channelId: string, receivedAt: Date): Promise<void>

  /**
   * Records that a request of the write is sent at `at`. False: a later write, a later desired state, or a confirmation of
   * a later one is recorded, and nothing was changed.
   */
  abstract stampSent(write: SentWrite, at: Date): Promise<boolean>

  /** Number of attached channels of open events that are not confirmed as closed, by connection; those without one are missing. */
  abstract countNotClosed(now: Date): Promise<Map<string, number>>
}
