import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import { PageOf } from '../../infrastructure/http/requests/pagination.js'
import { QuarantinedRecordDto, QuarantineQuery } from './quarantine.dto.js'
import { QuarantineService } from './quarantine.service.js'

@ApiTags('reconciliation')
@ApiBearerAuth()
@Controller()
export class QuarantineController {
  constructor(private readonly quarantine: QuarantineService) {}

  @Get('quarantine')
  @Roles('VIEWER')
  @ApiOperation({ summary: 'Orders, and rows of orders, that could not be read or stored' })
  @ApiOkResponse({ type: PageOf(QuarantinedRecordDto) })
  list(@Query() query: QuarantineQuery) {
    return this.quarantine.list(query, query.state)
  }

  @Post('quarantine/:id/retry')
  @HttpCode(200)
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Fetch the order from its platform and store it; 409 for a row without an order id' })
  @ApiOkResponse({ type: QuarantinedRecordDto })
  retry(@Param('id') id: string) {
    return this.quarantine.retry(id)
  }
}
