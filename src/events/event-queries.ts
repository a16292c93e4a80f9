import { Injectable } from '@nestjs/common'
import { ApiPropertyOptional } from '@nestjs/swagger'
import { IsIn, IsString, Length } from 'class-validator'
import { NotFound } from '../domain/errors.js'
import { EVENT_STATES, type EventState } from '../domain/event-state.js'
import type { Prisma } from '../generated/prisma/client.js'
import { PageQuery, containing, pageArgs, toPage, type Page } from '../infrastructure/http/pagination.js'
import { Optional } from '../infrastructure/http/optional.js'
import { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import { eventDto, type EventDto } from './event-answers.js'

export class EventsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Part of the name or venue' })
  @Optional()
  @IsString()
  @Length(1, 200)
  q?: string

  @ApiPropertyOptional({ enum: EVENT_STATES })
  @Optional()
  @IsIn(EVENT_STATES)
  state?: EventState
}

/** The rows of which `eventState` says this. */
const IN_STATE: Record<EventState, Prisma.EventWhereInput> = {
  CLOSED: { closedSince: { not: null } },
  RED_ALARM: { closedSince: null, redAlarmSince: { not: null } },
  PAUSED: { closedSince: null, redAlarmSince: null, pausedSince: { not: null } },
  ON_SALE: { closedSince: null, redAlarmSince: null, pausedSince: null },
}

@Injectable()
export class EventQueries {
  constructor(private readonly prisma: PrismaService) {}

  async list(query: EventsQuery): Promise<Page<EventDto>> {
    const { where, ...page } = pageArgs(query)
    const like = query.q && containing(query.q)
    const rows = await this.prisma.event.findMany({
      ...page,
      where: {
        AND: [where, query.state ? IN_STATE[query.state] : {}, like ? { OR: [{ name: like }, { venue: like }] } : {}],
      },
      include: { channels: true },
    })
    return toPage(rows, query.limit, eventDto)
  }

  /** Throws NotFound. */
  async get(id: string): Promise<EventDto> {
    const event = await this.prisma.event.findUnique({ where: { id }, include: { channels: true } })
    if (!event) throw new NotFound('There is no such event.')
    return eventDto(event)
  }
}
