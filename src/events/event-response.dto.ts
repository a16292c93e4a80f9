import { ApiProperty } from '@nestjs/swagger'
import { ATTACHMENTS, attachmentOf, type Attachment } from '../channels/attachment.js'
import { byListingOrder } from '../channels/channel-state.js'
import { taskOf } from '../channels/tasks/listing-task.js'
import { PLATFORMS } from '../domain/channel.js'
import type { Channel } from '../domain/channel-record.js'
import { EVENT_STATES, endOf, eventState, salesEndOf } from '../domain/events/event-state.js'
import { WAITLIST_POLICIES } from '../domain/events/waitlist-policy.js'
import type { Event } from '../domain/event-record.js'

export class ListingTaskDto {
  @ApiProperty({ description: 'The cap to set on the listing, and then to confirm' }) cap!: number
  @ApiProperty({ description: 'When it was requested' }) since!: string
  @ApiProperty({ description: 'It was requested more than 10 minutes ago' }) overdue!: boolean
}

export class EventChannelDto {
  @ApiProperty() id!: string
  @ApiProperty({ enum: PLATFORMS }) platform!: string
  @ApiProperty({ description: 'The account that drives it' }) connectionId!: string
  @ApiProperty() externalEventId!: string
  @ApiProperty({ type: String, nullable: true }) externalTicketClassId!: string | null
  @ApiProperty() weight!: number
  @ApiProperty({ type: Number, nullable: true, description: 'Limit for its cap; null: none' })
  maxUnits!: number | null
  @ApiProperty({ type: String, nullable: true, description: 'What staff call it' }) label!: string | null
  @ApiProperty({ enum: ATTACHMENTS, description: 'DETACHING: it is being closed. DETACHED: no longer read or written' })
  state!: Attachment
  @ApiProperty({ type: String, nullable: true, description: 'Why the channel cannot be synced at the moment' })
  syncError!: string | null
  @ApiProperty({
    type: ListingTaskDto,
    nullable: true,
    description: 'What a person has to set on a listing without an API, and to confirm; null: nothing',
  })
  task!: ListingTaskDto | null
}

export class EventDto {
  @ApiProperty() id!: string
  @ApiProperty() name!: string
  @ApiProperty({ type: String, nullable: true }) venue!: string | null
  @ApiProperty() timezone!: string
  @ApiProperty() startsAt!: string
  @ApiProperty() endsAt!: string
  @ApiProperty({ description: 'Until when customers may buy directly' }) salesEndAt!: string
  @ApiProperty({ enum: EVENT_STATES }) state!: string
  @ApiProperty({ description: 'True: no rebalancing' }) frozen!: boolean
  @ApiProperty({ description: 'Tickets that may be sold in total, as of now' }) capacity!: number
  @ApiProperty({ description: 'The capacity as soon as the confirmed caps of the platforms allow it' })
  targetCapacity!: number
  @ApiProperty() softCapRatio!: number
  @ApiProperty() safetyStockRatio!: number
  @ApiProperty({ description: 'Units taken out of the safety stock that stay off sale until a release is approved' })
  withheldUnits!: number
  @ApiProperty() directWeight!: number
  @ApiProperty({ type: Number, nullable: true }) priceCents!: number | null
  @ApiProperty({ type: String, nullable: true }) currency!: string | null
  @ApiProperty({ type: Number, nullable: true, description: 'Tickets that one customer can hold and have bought' })
  maxHeldPerCustomer!: number | null
  @ApiProperty({ enum: WAITLIST_POLICIES, description: 'Who offers free tickets to the waitlist' })
  waitlistPolicy!: string
  @ApiProperty({ description: 'On the simulated platforms of the demo; not listed once it is closed' }) demo!: boolean
  @ApiProperty({ description: 'Seats of the chart; 0: direct tickets have no seat' }) seatCount!: number
  @ApiProperty({ type: [EventChannelDto] }) channels!: EventChannelDto[]
  @ApiProperty() createdAt!: string
}

/** An event with the end of its proof. */
export class EventDetailsDto extends EventDto {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Hash of the last line of the proof; null: it has no line yet',
  })
  lastHash!: string | null
  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'When the last line of the proof was recorded; null: there is none, or its content does not have its hash',
  })
  verifiedUpTo!: string | null
}

/** The columns of a channel that are shown. */
export type ShownChannel = Omit<EventChannelDto, 'state' | 'task'> &
  Pick<Channel, 'detachedAt' | 'detachRequestedAt' | 'taskCap' | 'taskSince'>

export function channelDto(channel: ShownChannel, now: Date): EventChannelDto {
  const { id, platform, connectionId, externalEventId, externalTicketClassId, weight, maxUnits, label, syncError } =
    channel
  const task = taskOf(channel, now)
  return {
    id,
    platform,
    connectionId,
    externalEventId,
    externalTicketClassId,
    weight,
    maxUnits,
    label,
    state: attachmentOf(channel),
    syncError,
    task: task && { ...task, since: task.since.toISOString() },
  }
}

export function eventDto(event: Event & { channels: ShownChannel[] }, now: Date): EventDto {
  const { startsAt, createdAt, updatedAt: _updated, channels, ...rest } = event
  const { redAlarmSince: _alarm, pausedSince: _paused, closedSince: _closed, frozenSince, ...fields } = rest
  return {
    ...fields,
    startsAt: startsAt.toISOString(),
    endsAt: endOf(event).toISOString(),
    salesEndAt: salesEndOf(event).toISOString(),
    state: eventState(event, now),
    frozen: frozenSince !== null,
    channels: byListingOrder(channels).map((channel) => channelDto(channel, now)),
    createdAt: createdAt.toISOString(),
  }
}
