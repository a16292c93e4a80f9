import { Controller, Get, Param } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Roles } from '../infrastructure/http/access.js'
import { PageOf, type Page } from '../infrastructure/http/requests/pagination.js'
import { eventNotFound } from '../domain/errors.js'
import { EventStore } from '../stock/event-store.js'
import { SeatStore } from './seat-store.js'
import { SeatDto } from './seats.dto.js'

@ApiTags('direct sale')
@ApiBearerAuth()
@Controller('events/:id/seats')
export class SeatsController {
  constructor(
    private readonly events: EventStore,
    private readonly seats: SeatStore,
  ) {}

  @Get()
  @Roles('CUSTOMER')
  @ApiOperation({ summary: 'Lists all seats in chart order on one page; empty for an event without a seat chart' })
  @ApiOkResponse({ type: PageOf(SeatDto) })
  async list(@Param('id') eventId: string): Promise<Page<SeatDto>> {
    if (!(await this.events.exists(eventId))) throw eventNotFound()
    return { items: await this.seats.list(eventId), nextCursor: null }
  }
}
