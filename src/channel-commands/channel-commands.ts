import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { attachmentOf } from '../channels/attachment.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { DesiredState } from '../channels/desired-state.js'
import { ChannelStore } from '../channels/channel-store.js'
import type { Channel } from '../domain/channel-record.js'
import { eventNotFound, StateConflict } from '../domain/errors.js'
import { Transactions } from '../infrastructure/transactions.js'
import { Clock } from '../infrastructure/time/clock.js'
import { traitsOf } from '../platforms/registry.js'
import { EventStore } from '../stock/event-store.js'
import { Stock } from '../stock/stock.js'
import { channelIn, ChannelLookup } from './channel-lookup.js'
import { FetchJobs } from '../inbound/route/fetch-jobs.js'

/** A channel and since when it is paused; null: it is not. */
export type PausedChannel = Pick<Channel, 'platform' | 'pausedSince'>

/** Undefined: unchanged. */
export interface ChannelSettings {
  weight?: number
  /** Null: no limit. */
  maxUnits?: number | null
  /** Null: none. */
  label?: string | null
}

/** Manual operator commands on channels, in addition to those on the event's state. */
@Injectable()
export class ChannelCommands {
  constructor(
    private readonly transactions: Transactions,
    private readonly events: EventStore,
    private readonly channels: ChannelStore,
    private readonly lookup: ChannelLookup,
    private readonly stock: Stock,
    private readonly desired: DesiredState,
    private readonly jobs: ChannelJobs,
    private readonly reads: FetchJobs,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Frozen: no rebalancing of caps. Idempotent: freezing twice keeps the first instant. Throws NotFound. */
  async freeze(eventId: string, frozen: boolean, user: AuthenticatedUser): Promise<void> {
    const event = await this.events.find(eventId)
    if (!event) throw eventNotFound()
    const before = event.frozenSince !== null
    if (before !== frozen) {
      await this.transactions.run(async (transaction) => {
        await this.events.update(transaction, eventId, { frozenSince: frozen ? this.clock.now() : null })
        const action = frozen ? 'event.freeze' : 'event.unfreeze'
        await this.audit.record(user.id, action, eventId, { frozen: before }, { frozen }, transaction)
      })
    }
  }

  /** Throws NotFound; rejects when Redis does not accept the jobs. */
  async sync(eventId: string, name: string, user: AuthenticatedUser): Promise<void> {
    const channel = await this.lookup.find(eventId, name)
    if (channel.importedAt && traitsOf(channel.platform).hasApi) {
      await this.reads.enqueueChanges({ id: channel.id, platform: channel.platform }, 'changed', 'grow')
    }
    await this.jobs.enqueue(channel.id, 'protect', 'requested')
    await this.audit.record(user.id, 'channel.sync', channel.id, null, { eventId, platform: channel.platform })
  }

  /**
   * Paused: waitlist only there regardless of the event's state, and its share goes to other channels. Resuming restores
   * its share by weight. Both are idempotent. Throws NotFound; StateConflict when the event is closed.
   */
  async pause(eventId: string, name: string, paused: boolean, user: AuthenticatedUser): Promise<PausedChannel> {
    const { id, platform } = await this.lookup.find(eventId, name)
    const pausedSince = await this.stock.transact(eventId, async (tx) => {
      const before = await this.events.withChannels(tx.transaction, eventId)
      if (before.closedSince) throw new StateConflict('The event is permanently closed.')
      const channel = channelIn(before, id)
      refuseDetached(channel)
      if ((channel.pausedSince !== null) === paused) return channel.pausedSince
      const after = { ...channel, pausedSince: paused ? this.clock.now() : null }
      await this.channels.update(tx.transaction, id, { pausedSince: after.pausedSince })
      const channels = before.channels.map((known) => (known.id === id ? after : known))
      await this.desired.replanOne(tx, before, channels, after)
      const action = paused ? 'channel.pause' : 'channel.resume'
      await this.audit.record(user.id, action, id, { paused: !paused }, { eventId, platform, paused }, tx.transaction)
      return after.pausedSince
    })
    this.jobs.wake(eventId)
    return { platform, pausedSince }
  }

  /**
   * A cap above a new limit is lowered to it, and other channels get the units. A weight counts for the next split of the
   * units: caps that follow demand stay. Throws NotFound; StateConflict when the event is closed.
   */
  async change(eventId: string, name: string, settings: ChannelSettings, user: AuthenticatedUser): Promise<void> {
    const { id } = await this.lookup.find(eventId, name)
    const change = definedOf(settings)
    await this.stock.transact(eventId, async (tx) => {
      const before = await this.events.withChannels(tx.transaction, eventId)
      if (before.closedSince) throw new StateConflict('The event is permanently closed.')
      const channel = channelIn(before, id)
      refuseDetached(channel)
      const after = await this.channels.update(tx.transaction, id, change)
      const channels = before.channels.map((known) => (known.id === id ? after : known))
      await this.desired.applyLimit(tx, before, channels, after)
      const was = { weight: channel.weight, maxUnits: channel.maxUnits, label: channel.label }
      await this.audit.record(user.id, 'channel.change', id, was, { eventId, ...change }, tx.transaction)
    })
    this.jobs.wake(eventId)
  }
}

function refuseDetached(channel: Channel): void {
  if (attachmentOf(channel) !== 'ATTACHED') throw new StateConflict('This channel is detached, or about to be.')
}

function definedOf({ weight, maxUnits, label }: ChannelSettings): ChannelSettings {
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(maxUnits === undefined ? {} : { maxUnits }),
    ...(label === undefined ? {} : { label }),
  }
}
