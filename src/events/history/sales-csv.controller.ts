import { Readable } from 'node:stream'
import { Controller, Get, Header, Param, StreamableFile } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import { SalesCsv } from './sales-csv.js'

@ApiTags('events')
@ApiBearerAuth()
@Roles('VIEWER')
@Controller('events/:id')
export class SalesCsvController {
  constructor(private readonly csv: SalesCsv) {}

  @Get('orders.csv')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Exports all orders as CSV, oldest first' })
  @ApiProduces('text/csv')
  @ApiOkResponse({ schema: { type: 'string' } })
  async orders(@Param('id') id: string): Promise<StreamableFile> {
    return download('orders', id, await this.csv.orders(id))
  }

  @Get('tickets.csv')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Exports all tickets as CSV, oldest first' })
  @ApiProduces('text/csv')
  @ApiOkResponse({ schema: { type: 'string' } })
  async tickets(@Param('id') id: string): Promise<StreamableFile> {
    return download('tickets', id, await this.csv.tickets(id))
  }
}

function download(name: string, eventId: string, lines: AsyncGenerator<string>): StreamableFile {
  return new StreamableFile(Readable.from(lines), {
    type: 'text/csv; charset=utf-8',
    disposition: `attachment; filename="${name}-${eventId.replaceAll(/\W/g, '')}.csv"`,
  })
}
