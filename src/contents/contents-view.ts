import { Injectable } from '@nestjs/common'
import { byListingOrder } from '../channels/channel-state.js'
import { ChannelStore } from '../channels/channel-store.js'
import type { Channel } from '../domain/channel-record.js'
import { eventNotFound } from '../domain/errors.js'
import { differencesOf, type Shown } from '../domain/events/listing-differences.js'
import { traitsOf } from '../platforms/registry.js'
import { EventStore } from '../stock/event-store.js'
import { fieldsByApi, fieldsOf } from './contents-change.js'
import { ContentsStore, type ContentsRecord } from '../channels/contents/contents-store.js'
import type { ChannelContentsDto, EventContentsDto, RequestedChangeDto, ShownContentsDto } from './contents.dto.js'

const NOTHING: Shown = { title: null, startsAt: null, endsAt: null, timezone: null, venue: null }

/** What an event and its listings show, side by side. */
@Injectable()
export class ContentsView {
  constructor(
    private readonly events: EventStore,
    private readonly channels: ChannelStore,
    private readonly contents: ContentsStore,
  ) {}

  /** Throws NotFound. */
  async of(eventId: string): Promise<EventContentsDto> {
    const event = await this.events.find(eventId)
    if (!event) throw eventNotFound()
    const channels = byListingOrder(await this.channels.matching(null, { eventId, attached: true }))
    const records = await this.contents.of(channels.map(({ id }) => id))
    const recordOf = new Map(records.map((record) => [record.channelId, record]))
    const own = { ...event, title: event.name }
    const listings = channels.map((channel) => ({
      ...NOTHING,
      ...recordOf.get(channel.id),
      id: channel.id,
      name: nameOf(channel, channels),
    }))
    const differences = differencesOf(own, listings)
    return {
      eventId,
      own: shownDto(own),
      channels: channels.map((channel) => {
        const differs = differences.filter(({ listings: ids }) => ids.includes(channel.id)).map(({ field }) => field)
        return channelDto(channel, recordOf.get(channel.id) ?? null, differs)
      }),
      differences: differences.map(({ field, listings: channelIds, text }) => ({ field, channelIds, text })),
    }
  }
}

/** Its label; otherwise the platform, with the id of the listing where the event has several there. */
function nameOf({ platform, label, externalEventId }: Channel, channels: readonly Channel[]): string {
  if (label !== null) return label
  const name = platform.charAt(0) + platform.slice(1).toLowerCase()
  return channels.filter((other) => other.platform === platform).length > 1 ? `${name} ${externalEventId}` : name
}

function channelDto(channel: Channel, record: ContentsRecord | null, differs: string[]): ChannelContentsDto {
  const { id, platform, label, externalEventId } = channel
  return {
    channelId: id,
    platform,
    label,
    externalEventId,
    shows: shownDto(record ?? NOTHING),
    differs,
    readAt: record?.readAt?.toISOString() ?? null,
    readFailure: record?.readFailure ?? null,
    change: record && changeDto(channel, record),
  }
}

function changeDto({ platform }: Channel, record: ContentsRecord): RequestedChangeDto | null {
  const { task, taskState, taskDetail, taskRequestedAt, taskEndedAt } = record
  if (task === null || taskState === null) return null
  const fields: string[] = task.kind === 'CANCEL' ? ['cancellation'] : fieldsOf(task)
  const isByApi = (field: string) =>
    task.kind === 'CANCEL' ? traitsOf(platform).contents.canCancel : fieldsByApi(platform).some((one) => one === field)
  return {
    kind: task.kind,
    state: taskState,
    written: fields.filter(isByApi),
    manually: fields.filter((field) => !isByApi(field)),
    detail: taskDetail,
    requestedAt: taskRequestedAt?.toISOString() ?? null,
    endedAt: taskEndedAt?.toISOString() ?? null,
  }
}

function shownDto({ title, startsAt, endsAt, timezone, venue }: Shown): ShownContentsDto {
  const [start, end] = [startsAt?.toISOString() ?? null, endsAt?.toISOString() ?? null]
  return { title, startsAt: start, endsAt: end, timezone, venue }
}
