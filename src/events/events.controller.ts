import { Body, Controller, Get, Header, HttpCode, Param, Patch, Post, Query } from '@nestjs/common'
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { PageOf } from '../infrastructure/http/requests/pagination.js'
import { EventDetailsDto, EventDto } from './event-response.dto.js'
import { CreateEventBody, EventsQuery, PatchEventBody } from './event-request.dto.js'
import { EventChanges } from './event-changes.js'
import { EventCreation } from './event-creation.js'
import { EventQueries } from './event-queries.js'
import { EventStates } from './event-states.js'
import { History } from './history/history.js'
import { MovementDto, MovementsQuery, OrderDto, OrdersQuery, TicketDto, TicketsQuery } from './history/history.dto.js'
import { StockDto } from './stock/stock.dto.js'
import { StockView } from './stock/stock-view.js'

/** Of responses that are JSON already. */
const JSON_TYPE = 'application/json; charset=utf-8'

@ApiTags('events')
@ApiBearerAuth()
@Controller('events')
export class EventsController {
  constructor(
    private readonly creation: EventCreation,
    private readonly changes: EventChanges,
    private readonly states: EventStates,
    private readonly queries: EventQueries,
    private readonly stock: StockView,
    private readonly history: History,
  ) {}

  @Post()
  @Roles('OPERATOR')
  @ApiCreatedResponse({ type: EventDto })
  async create(@Body() body: CreateEventBody, @CurrentUser() user: AuthenticatedUser) {
    return this.queries.of(await this.creation.create(body, user))
  }

  @Get()
  @Roles('VIEWER')
  @Header('content-type', JSON_TYPE)
  @ApiOkResponse({ type: PageOf(EventDto) })
  list(@Query() query: EventsQuery) {
    return this.queries.listJson(query)
  }

  @Get(':id')
  @Roles('VIEWER')
  @ApiOkResponse({ type: EventDetailsDto })
  get(@Param('id') id: string) {
    return this.queries.get(id)
  }

  @Patch(':id')
  @Roles('OPERATOR')
  @ApiOkResponse({ type: EventDetailsDto })
  async change(@Param('id') id: string, @Body() body: PatchEventBody, @CurrentUser() user: AuthenticatedUser) {
    await this.changes.change(id, body, user)
    return this.queries.get(id)
  }

  @Post(':id/pause')
  @HttpCode(200)
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Sets all platforms to waitlist only' })
  @ApiOkResponse({ type: EventDto })
  async pause(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser) {
    return this.queries.of(await this.states.change(id, 'pause', user))
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Roles('OPERATOR')
  @ApiOkResponse({ type: EventDto })
  async resume(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser) {
    return this.queries.of(await this.states.change(id, 'resume', user))
  }

  @Post(':id/reopen')
  @HttpCode(200)
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Puts the event back on sale after a red alarm' })
  @ApiOkResponse({ type: EventDto })
  async reopen(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser) {
    return this.queries.of(await this.states.change(id, 'reopen', user))
  }

  @Post(':id/close')
  @HttpCode(200)
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Takes the event off sale permanently' })
  @ApiOkResponse({ type: EventDto })
  async close(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser) {
    return this.queries.of(await this.states.change(id, 'close', user))
  }

  @Get(':id/stock')
  @Roles('VIEWER')
  @Header('content-type', JSON_TYPE)
  @ApiOkResponse({ type: StockDto })
  stockOf(@Param('id') id: string) {
    return this.stock.jsonOf(id)
  }

  @Get(':id/movements')
  @Roles('VIEWER')
  @ApiOkResponse({ type: PageOf(MovementDto) })
  movements(@Param('id') id: string, @Query() query: MovementsQuery) {
    return this.history.movements(id, query)
  }

  @Get(':id/orders')
  @Roles('VIEWER')
  @ApiOkResponse({ type: PageOf(OrderDto) })
  orders(@Param('id') id: string, @Query() query: OrdersQuery) {
    return this.history.orders(id, query)
  }

  @Get(':id/tickets')
  @Roles('VIEWER')
  @ApiOkResponse({ type: PageOf(TicketDto) })
  tickets(@Param('id') id: string, @Query() query: TicketsQuery) {
    return this.history.tickets(id, query)
  }
}
