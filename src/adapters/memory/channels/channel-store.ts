import {
  ChannelStore,
  ChannelUnknown,
  type ChannelChange,
  type ChannelFilter,
  type ExpectedChannel,
  type NewChannel,
  type SentWrite,
} from '../../../channels/channel-store.js'
import type { ChannelMode } from '../../../domain/channel.js'
import { isLive, isOpen } from '../../../domain/events/event-state.js'
import type { Channel } from '../../../domain/channel-record.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import type { MemoryDatabase } from '../memory-database.js'
import type { Scope } from '../memory-table.js'
import { newChannelRow } from './new-channel-row.js'
import { byId } from '../sorting.js'

export class MemoryChannelStore extends ChannelStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async find(transaction: DatabaseTransaction | null, channelId: string): Promise<Channel | null> {
    this.database.assertAvailable()
    return this.database.channels.get(transaction, channelId) ?? null
  }

  async matching(transaction: DatabaseTransaction | null, filter: ChannelFilter): Promise<Channel[]> {
    this.database.assertAvailable()
    return this.where(transaction, filter).toSorted(byId)
  }

  async lastDeliveries(connectionIds: readonly string[], now: Date): Promise<Map<string, Date | null>> {
    this.database.assertAvailable()
    const last = new Map<string, Date | null>()
    for (const { connectionId, eventId, lastWebhookAt } of this.database.channels.where(null)) {
      const event = this.database.events.get(null, eventId)
      if (!connectionIds.includes(connectionId) || !event || !isLive(event, now)) continue
      const known = last.get(connectionId) ?? null
      last.set(
        connectionId,
        known === null || (lastWebhookAt !== null && lastWebhookAt > known) ? lastWebhookAt : known,
      )
    }
    return last
  }

  async create(transaction: DatabaseTransaction, eventId: string, channels: readonly NewChannel[]): Promise<Channel[]> {
    this.database.assertAvailable()
    const rows = channels.map((channel) => newChannelRow(eventId, channel, this.database.clock.now()))
    for (const row of rows) await this.database.channels.insert(transaction, row)
    return rows.toSorted(byId)
  }

  async update(transaction: DatabaseTransaction | null, channelId: string, change: ChannelChange): Promise<Channel> {
    this.database.assertAvailable()
    return this.change(transaction, channelId, () => valuesOf(change))
  }

  async updateIf(
    transaction: DatabaseTransaction | null,
    channelId: string,
    expected: ExpectedChannel,
    change: ChannelChange,
  ): Promise<boolean> {
    this.database.assertAvailable()
    const matches = (row: Channel) => hasValues(row, expected)
    return this.database.channels.update(transaction, channelId, valuesOf(change), matches)
  }

  async updateMatching(
    transaction: DatabaseTransaction | null,
    filter: ChannelFilter,
    change: ChannelChange,
  ): Promise<number> {
    this.database.assertAvailable()
    const matches = this.matcher(transaction, filter)
    return this.database.channels.updateWhere(transaction, matches, valuesOf(change), this.where(transaction, filter))
  }

  async setDesired(
    transaction: DatabaseTransaction,
    channelId: string,
    { cap, mode }: { cap: number | null; mode: ChannelMode },
    at: Date,
  ): Promise<void> {
    this.database.assertAvailable()
    const desired = { desiredCap: cap, desiredMode: mode, desiredAt: at }
    await this.change(transaction, channelId, ({ desiredVersion }) => ({
      ...desired,
      desiredVersion: desiredVersion + 1,
    }))
  }

  async recordWebhook(channelId: string, receivedAt: Date): Promise<void> {
    this.database.assertAvailable()
    await this.database.channels.update(
      null,
      channelId,
      { lastWebhookAt: receivedAt },
      ({ lastWebhookAt }) => lastWebhookAt === null || lastWebhookAt < receivedAt,
    )
  }

  async stampSent({ channelId, seq, desiredVersion }: SentWrite, at: Date): Promise<boolean> {
    this.database.assertAvailable()
    return this.database.channels.update(
      null,
      channelId,
      { unconfirmedSince: at },
      (row) => row.writeSeq === seq && row.desiredVersion === desiredVersion && row.confirmedVersion <= desiredVersion,
    )
  }

  async countNotClosed(now: Date): Promise<Map<string, number>> {
    this.database.assertAvailable()
    const counts = new Map<string, number>()
    for (const { connectionId, confirmedMode } of this.where(null, { attached: true, openAt: now })) {
      if (confirmedMode === 'WAITLIST_ONLY') continue
      counts.set(connectionId, (counts.get(connectionId) ?? 0) + 1)
    }
    return counts
  }

  private async change(scope: Scope, channelId: string, change: (row: Channel) => Partial<Channel>): Promise<Channel> {
    await this.database.channels.update(scope, channelId, change)
    const changed = this.database.channels.get(scope, channelId)
    if (!changed) throw new ChannelUnknown(channelId)
    return changed
  }

  private where(scope: Scope, filter: ChannelFilter): Channel[] {
    const matches = this.matcher(scope, filter)
    const { channels } = this.database
    return filter.eventId === undefined
      ? channels.where(scope, matches)
      : channels.whereKey(scope, 'eventId', filter.eventId, matches)
  }

  private matcher(scope: Scope, filter: ChannelFilter): (row: Channel) => boolean {
    const { ids, eventId, platform, connectionId, externalEventIds, attached, imported, needsSweep, openAt } = filter
    return (row) =>
      (ids?.includes(row.id) ?? true) &&
      (eventId === undefined || row.eventId === eventId) &&
      (platform === undefined || row.platform === platform) &&
      (connectionId === undefined || row.connectionId === connectionId) &&
      (externalEventIds?.includes(row.externalEventId) ?? true) &&
      (!attached || row.detachedAt === null) &&
      (!imported || row.importedAt !== null) &&
      (!needsSweep || row.needsSweepSince !== null) &&
      (!openAt || this.isEventOpen(scope, row, openAt))
  }

  private isEventOpen(scope: Scope, { eventId }: Channel, now: Date): boolean {
    const event = this.database.events.get(scope, eventId)
    return event !== undefined && isOpen(event, now)
  }
}

/** The values as the table stores them. */
function valuesOf(change: ChannelChange): Partial<Channel> {
  const values = Object.entries(change).filter(([, value]) => value !== undefined)
  return Object.fromEntries(values.map(([column, value]) => [column, isJson(value) ? roundTripped(value) : value]))
}

function isJson(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Date)
}

function roundTripped(value: object): unknown {
  return JSON.parse(JSON.stringify(value))
}

function hasValues(row: Channel, expected: ExpectedChannel): boolean {
  return Object.entries(expected).every(([column, value]) => {
    const own = row[column as keyof ExpectedChannel]
    if (value === undefined) return true
    return own instanceof Date && value instanceof Date ? own.getTime() === value.getTime() : own === value
  })
}
