import { Injectable } from '@nestjs/common'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { AuditService } from '../accounts/audit.service.js'
import { ChannelStore } from '../channels/channel-store.js'
import { byListingOrder } from '../channels/channel-state.js'
import type { Channel } from '../domain/channel-record.js'
import { eventNotFound, StateConflict, ValidationFailed } from '../domain/errors.js'
import type { Event } from '../domain/event-record.js'
import { endOf, hasEnded } from '../domain/events/event-state.js'
import { BackgroundTasks } from '../infrastructure/background/background-tasks.js'
import { newId } from '../infrastructure/ids.js'
import { Transactions } from '../infrastructure/transactions.js'
import { Clock } from '../infrastructure/time/clock.js'
import { traitsOf } from '../platforms/registry.js'
import { EventStore } from '../stock/event-store.js'
import { fieldsByApi, fieldsOf } from './contents-change.js'
import { ContentsStore, type ContentsTask } from '../channels/contents/contents-store.js'
import { CONTENTS_TASKS } from './contents-tasks.js'
import type { CancelListingsBody, PlannedChangeDto, WriteContentsBody } from './contents.dto.js'

/** Plans changes of all listings of an event, and requests them. A request replaces the one before it. */
@Injectable()
export class ContentsRequests {
  constructor(
    private readonly transactions: Transactions,
    private readonly events: EventStore,
    private readonly channels: ChannelStore,
    private readonly contents: ContentsStore,
    private readonly background: BackgroundTasks,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * Throws NotFound; ValidationFailed without a field, for an end that is not after the start, and for a title that is too
   * long somewhere; StateConflict for an event that is over.
   */
  async write(eventId: string, body: WriteContentsBody, user: AuthenticatedUser): Promise<PlannedChangeDto[]> {
    const { preview = false, ...fields } = body
    const { event, channels } = await this.eventOf(eventId)
    if (Object.keys(fields).length === 0) throw ValidationFailed.of('title', 'or startsAt or endsAt is required')
    assertTimes(fields, event)
    if (event.closedSince !== null || hasEnded(event, this.clock.now())) throw new StateConflict('The event is over.')
    const task: ContentsTask = { kind: 'WRITE', ...fields }
    for (const { platform } of channels) assertTitle(platform, fields.title)
    if (!preview) await this.request(eventId, channels, task, 'event.write-contents', user)
    return channels.map((channel) => plannedWrite(channel, task))
  }

  /** Throws NotFound, and StateConflict while the event is not closed: until then its listings sell. */
  async cancel(eventId: string, body: CancelListingsBody, user: AuthenticatedUser): Promise<PlannedChangeDto[]> {
    const { preview = false, reason } = body
    const { event, channels } = await this.eventOf(eventId)
    if (!preview) {
      if (event.closedSince === null) throw new StateConflict('Close the event first: its listings are still on sale.')
      await this.request(eventId, channels, { kind: 'CANCEL', reason }, 'event.cancel-listings', user)
    }
    return channels.map(plannedCancellation)
  }

  private async request(
    eventId: string,
    channels: readonly Channel[],
    task: ContentsTask,
    action: string,
    user: AuthenticatedUser,
  ): Promise<void> {
    const requestId = newId('lcr')
    const now = this.clock.now()
    await this.transactions.run(async (transaction) => {
      for (const { id, platform } of channels) {
        const byApi = isByApi(platform, task)
        const progress = byApi
          ? ({ taskState: 'PENDING', taskDueAt: now, taskEndedAt: null } as const)
          : ({ taskState: 'MANUAL', taskDueAt: null, taskEndedAt: now } as const)
        const change = { requestId, task, taskDetail: null, taskAttempts: 0, taskRequestedAt: now, ...progress }
        await this.contents.update(transaction, id, change)
      }
      await this.audit.record(user.id, action, eventId, null, { requestId, ...task }, transaction)
    })
    this.background.wake(CONTENTS_TASKS)
  }

  private async eventOf(eventId: string): Promise<{ event: Event; channels: Channel[] }> {
    const event = await this.events.find(eventId)
    if (!event) throw eventNotFound()
    return { event, channels: byListingOrder(await this.channels.matching(null, { eventId, attached: true })) }
  }
}

function isByApi(platform: Channel['platform'], task: ContentsTask): boolean {
  if (task.kind === 'CANCEL') return traitsOf(platform).contents.canCancel
  return fieldsOf(task).some((field) => fieldsByApi(platform).includes(field))
}

function plannedWrite({ id, platform, label, externalEventId }: Channel, task: ContentsTask): PlannedChangeDto {
  const fields = fieldsOf(task)
  const writable = fieldsByApi(platform)
  return {
    channelId: id,
    platform,
    label,
    externalEventId,
    written: fields.filter((field) => writable.includes(field)),
    manually: fields.filter((field) => !writable.includes(field)),
    instructions: traitsOf(platform).contents.instructions,
  }
}

function plannedCancellation({ id, platform, label, externalEventId }: Channel): PlannedChangeDto {
  const { canCancel, cancelInstructions } = traitsOf(platform).contents
  const [written, manually] = canCancel ? [['cancellation'], []] : [[], ['cancellation']]
  return { channelId: id, platform, label, externalEventId, written, manually, instructions: cancelInstructions }
}

function assertTimes({ startsAt, endsAt }: Omit<WriteContentsBody, 'preview'>, event: Event): void {
  if (startsAt === undefined && endsAt === undefined) return
  const start = startsAt === undefined ? event.startsAt : new Date(startsAt)
  const end = endsAt === undefined ? (event.endsAt ?? endOf({ ...event, startsAt: start })) : new Date(endsAt)
  if (end > start) return
  if (endsAt === undefined) throw ValidationFailed.of('startsAt', 'must be before the end of the event')
  throw ValidationFailed.of('endsAt', 'must be after the start')
}

function assertTitle(platform: Channel['platform'], title: string | undefined): void {
  const { maxTitleLength = Infinity } = traitsOf(platform).contents
  if (title === undefined || title.length <= maxTitleLength) return
  throw ValidationFailed.of('title', `has more than the ${maxTitleLength} characters that ${platform} takes`)
}
