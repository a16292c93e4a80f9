import { Injectable } from '@nestjs/common'
import type { Channel } from '../domain/channel-record.js'
import type { EventState } from '../domain/events/event-state.js'
import type { Prisma } from '../generated/prisma/client.js'
import { BatchedReads } from '../infrastructure/batched-reads.js'
import { Clock } from '../infrastructure/time/clock.js'
import { containsText, pageArgs, toPage, type Page } from '../infrastructure/http/requests/pagination.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { endedEvents, liveEvents, openEvents } from '../infrastructure/prisma/live-events.js'
import type { EventWithChannels } from '../stock/event-store.js'
import { eventNotFound } from '../domain/errors.js'
import type { EventsQuery } from './event-request.dto.js'
import {
  channelDto,
  eventDto,
  type EventChannelDto,
  type EventDetailsDto,
  type EventDto,
} from './event-response.dto.js'
import { ProofRecord } from './proof/proof-record.js'

/** The rows for which `eventState` returns `state`. */
function inState(state: EventState, now: Date): Prisma.EventWhereInput {
  switch (state) {
    case 'CLOSED':
      return { closedSince: { not: null } }
    case 'ENDED':
      return endedEvents(now)
    case 'RED_ALARM':
      return { ...openEvents(now), redAlarmSince: { not: null } }
    case 'PAUSED':
      return { ...openEvents(now), redAlarmSince: null, pausedSince: { not: null } }
    case 'ON_SALE':
      return { ...openEvents(now), redAlarmSince: null, pausedSince: null }
  }
}

/** Events with such a channel that is read and written. */
function withLiveChannel(now: Date, channel: Prisma.ChannelWhereInput): Prisma.EventWhereInput {
  return { ...liveEvents(now), channels: { some: { ...channel, detachedAt: null } } }
}

/** Closed events of the demo are of no use to anyone. */
const LISTED: Prisma.EventWhereInput = { OR: [{ demo: false }, { closedSince: null }] }

@Injectable()
export class EventQueries {
  /** Pages as JSON by the query, as JSON: dashboards that are notified of the same change request the same page. */
  private readonly pages = new BatchedReads<Promise<string>>(async (queries) => {
    const pages = queries.map(async (query) => JSON.stringify(await this.list(JSON.parse(query) as EventsQuery)))
    // A query that fails is its own caller's.
    await Promise.allSettled(pages)
    return new Map(queries.map((query, index) => [query, pages[index] as Promise<string>]))
  })

  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
    private readonly proof: ProofRecord,
  ) {}

  async list(query: EventsQuery): Promise<Page<EventDto>> {
    const { where, ...page } = pageArgs(query)
    const like = query.q && containsText(query.q)
    const now = this.clock.now()
    const rows = await this.prisma.event.findMany({
      ...page,
      where: {
        AND: [
          where,
          LISTED,
          query.state ? inState(query.state, now) : {},
          query.connectionId === undefined ? {} : withLiveChannel(now, { connectionId: query.connectionId }),
          query.task === 'OPEN' ? withLiveChannel(now, { taskCap: { not: null } }) : {},
          like ? { OR: [{ name: like }, { venue: like }] } : {},
        ],
      },
      include: { channels: true },
    })
    return toPage(rows, query.limit, (event) => eventDto(event, now))
  }

  /** The same page as JSON. Requests of the same moment share one read. */
  async listJson(query: EventsQuery): Promise<string> {
    const page = await this.pages.get(JSON.stringify(query))
    if (page === undefined) throw new Error('the page was not read')
    return page
  }

  /** An event that was read or changed just now. */
  of(event: EventWithChannels): EventDto {
    return eventDto(event, this.clock.now())
  }

  /** A channel that was read or changed just now. */
  channelOf(channel: Channel): EventChannelDto {
    return channelDto(channel, this.clock.now())
  }

  /** Throws NotFound. */
  async get(id: string): Promise<EventDetailsDto> {
    const event = await this.prisma.event.findUnique({ where: { id }, include: { channels: true } })
    if (!event) throw eventNotFound()
    const { lastHash, verifiedUpTo } = await this.proof.end(id)
    return { ...eventDto(event, this.clock.now()), lastHash, verifiedUpTo: verifiedUpTo?.toISOString() ?? null }
  }
}
