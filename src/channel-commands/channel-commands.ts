import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { isPlatform } from '../domain/channel.js'
import { DesiredState } from '../channels/desired-state.js'
import { NotFound, StateConflict } from '../domain/errors.js'
import type { EventDto } from '../events/event-response.dto.js'
import { EventQueries } from '../events/event-queries.js'
import type { ChannelPauseDto } from './channel-commands.dto.js'
import type { Channel } from '../generated/prisma/client.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Stock } from '../stock/stock.js'
import { FetchJobs } from '../inbound/route/fetch-jobs.js'
import { prismaOf } from '../infrastructure/prisma/transaction.js'
import { eventWithChannels } from '../infrastructure/prisma/channel-rows.js'

/** Manual operator commands on channels, in addition to those on the event's state. */
@Injectable()
export class ChannelCommands {
  constructor(
    private readonly prisma: PrismaService,
    private readonly events: EventQueries,
    private readonly stock: Stock,
    private readonly desired: DesiredState,
    private readonly channels: ChannelJobs,
    private readonly reads: FetchJobs,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Frozen: no rebalancing of caps. Idempotent: freezing twice keeps the first instant. Throws NotFound. */
  async freeze(eventId: string, frozen: boolean, user: AuthenticatedUser): Promise<EventDto> {
    const before = await this.events.get(eventId)
    if (before.frozen !== frozen) {
      await this.prisma.$transaction(async (tx) => {
        await tx.event.update({ where: { id: eventId }, data: { frozenSince: frozen ? this.clock.now() : null } })
        const action = frozen ? 'event.freeze' : 'event.unfreeze'
        await this.audit.record(user.id, action, eventId, { frozen: before.frozen }, { frozen }, tx)
      })
    }
    return this.events.get(eventId)
  }

  /** Throws NotFound; rejects when Redis does not accept the jobs. */
  async sync(eventId: string, name: string, user: AuthenticatedUser): Promise<{ accepted: true }> {
    const channel = await this.channelOf(eventId, name)
    if (channel.importedAt && isPlatform(channel.platform)) {
      await this.reads.enqueueChanges({ id: channel.id, platform: channel.platform }, 'changed', 'grow')
    }
    await this.channels.enqueue(channel.id, 'protect', 'requested')
    await this.audit.record(user.id, 'channel.sync', channel.id, null, { eventId, platform: channel.platform })
    return { accepted: true }
  }

  /**
   * Paused: waitlist only there regardless of the event's state, and its share goes to other channels. Resuming restores
   * its share by weight. Both are idempotent. Throws NotFound; StateConflict when the event is closed.
   */
  async pause(eventId: string, name: string, paused: boolean, user: AuthenticatedUser): Promise<ChannelPauseDto> {
    const { id, platform } = await this.channelOf(eventId, name)
    const pausedSince = await this.stock.transact(eventId, async (tx) => {
      const before = await eventWithChannels(prismaOf(tx), eventId)
      if (before.closedSince) throw new StateConflict('The event is permanently closed.')
      const channel = before.channels.find((known) => known.id === id)
      if (!channel || (channel.pausedSince !== null) === paused) return channel?.pausedSince ?? null
      const after = { ...channel, pausedSince: paused ? this.clock.now() : null }
      await prismaOf(tx).channel.update({ where: { id }, data: { pausedSince: after.pausedSince } })
      const channels = before.channels.map((known) => (known.id === id ? after : known))
      await this.desired.replanOne(tx, before, channels, after)
      const action = paused ? 'channel.pause' : 'channel.resume'
      await this.audit.record(user.id, action, id, { paused: !paused }, { eventId, platform, paused }, prismaOf(tx))
      return after.pausedSince
    })
    this.channels.wake(eventId)
    return { platform, pausedSince: pausedSince?.toISOString() ?? null }
  }

  /** `name`: the id of a channel, or a platform on which the event has one channel. */
  private async channelOf(eventId: string, name: string): Promise<Channel> {
    const where = isPlatform(name) ? { platform: name } : { id: name }
    const [channel, ...others] = await this.prisma.channel.findMany({ where: { eventId, ...where } })
    if (!channel) throw new NotFound('This event has no such channel.')
    if (others.length > 0) throw new StateConflict(`The event has several channels on ${name}. Name one by its id.`)
    return channel
  }
}
