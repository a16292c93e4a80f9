import { Controller, Get, Param, Query, Res, StreamableFile } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import { Roles } from '../infrastructure/http/access.js'
import { PageOf, PageQuery } from '../infrastructure/http/requests/pagination.js'
import { ChannelDetailDto, LiveHoldDto, RebalanceMoveDto } from './event-reads.dto.js'
import { EventReads } from './event-reads.js'
import { LedgerCsv } from './ledger-csv.js'
import { SalesCurveDto } from './sales-curve.dto.js'
import { SalesCurve } from './sales-curve.js'

@ApiTags('dashboard')
@ApiBearerAuth()
@Roles('VIEWER')
@Controller('events/:id')
export class EventReadsController {
  constructor(
    private readonly reads: EventReads,
    private readonly curve: SalesCurve,
    private readonly csv: LedgerCsv,
  ) {}

  @Get('channels')
  @ApiOperation({ summary: 'Sync state of the channels: versions, unconfirmed writes, errors' })
  @ApiOkResponse({ type: PageOf(ChannelDetailDto) })
  channels(@Param('id') id: string) {
    return this.reads.channels(id)
  }

  @Get('sales-curve')
  @ApiOperation({ summary: 'Tickets sold over time, by channel' })
  @ApiOkResponse({ type: SalesCurveDto })
  salesCurve(@Param('id') id: string) {
    return this.curve.of(id)
  }

  @Get('rebalances')
  @ApiOperation({ summary: 'Moves between channels, newest first' })
  @ApiOkResponse({ type: PageOf(RebalanceMoveDto) })
  rebalances(@Param('id') id: string, @Query() query: PageQuery) {
    return this.reads.rebalances(id, query)
  }

  @Get('holds')
  @ApiOperation({ summary: 'Active holds, newest first' })
  @ApiOkResponse({ type: PageOf(LiveHoldDto) })
  holds(@Param('id') id: string, @Query() query: PageQuery) {
    return this.reads.liveHolds(id, query)
  }

  @Get('ledger.csv')
  @ApiOperation({ summary: 'All stock movements, oldest first' })
  @ApiProduces('text/csv')
  @ApiOkResponse({ schema: { type: 'string' } })
  async ledger(@Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<StreamableFile> {
    const lines = await this.csv.lines(id)
    void reply.header('cache-control', 'no-store')
    return new StreamableFile(Readable.from(lines), {
      type: 'text/csv; charset=utf-8',
      disposition: `attachment; filename="ledger-${id.replaceAll(/\W/g, '')}.csv"`,
    })
  }
}
