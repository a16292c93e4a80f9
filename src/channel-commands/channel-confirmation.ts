import { Injectable } from '@nestjs/common'
import { AuditService } from '../accounts/audit.service.js'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { attachmentOf } from '../channels/attachment.js'
import { ListingConfirmations, type Confirmation } from '../channels/tasks/listing-confirmations.js'
import { ChannelJobs } from '../channels/sync/channel-jobs.js'
import { StateConflict } from '../domain/errors.js'
import { hasEnded } from '../domain/events/event-state.js'
import { Clock } from '../infrastructure/time/clock.js'
import { traitsOf } from '../platforms/registry.js'
import { EventStore } from '../stock/event-store.js'
import { ChannelLookup } from './channel-lookup.js'

/** An operator confirms what is in force on a listing without an API. */
@Injectable()
export class ChannelConfirmation {
  constructor(
    private readonly events: EventStore,
    private readonly lookup: ChannelLookup,
    private readonly confirmations: ListingConfirmations,
    private readonly jobs: ChannelJobs,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Throws NotFound; StateConflict for a platform with an API, a detached channel, and when the event has ended. */
  async confirm(eventId: string, name: string, confirmation: Confirmation, user: AuthenticatedUser): Promise<void> {
    const channel = await this.lookup.find(eventId, name)
    const { platform } = channel
    if (traitsOf(platform).hasApi) {
      throw new StateConflict(`${platform} confirms its caps itself: only a listing without an API is confirmed.`)
    }
    await this.confirmations.confirm(channel, confirmation, async ({ transaction }, before) => {
      if (attachmentOf(before) === 'DETACHED') throw new StateConflict('This channel is detached.')
      const event = await this.events.withChannels(transaction, eventId)
      if (hasEnded(event, this.clock.now())) throw new StateConflict('The event has ended.')
      const was = { cap: before.confirmedCap, sold: before.platformSold, requested: before.taskCap }
      const details = { eventId, platform, ...confirmation }
      await this.audit.record(user.id, 'channel.confirm', channel.id, was, details, transaction)
    })
    this.jobs.wake(eventId)
  }
}
