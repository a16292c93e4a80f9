import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import { PageOf } from '../../infrastructure/http/requests/pagination.js'
import { DeliveriesQuery, DeliveryDto } from './deliveries.dto.js'
import { DeliveriesService } from './deliveries.service.js'

@ApiTags('webhooks')
@ApiBearerAuth()
@Controller('webhooks/deliveries')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Get()
  @Roles('VIEWER')
  @ApiOperation({ summary: 'Webhook deliveries that failed or match no channel, newest first' })
  @ApiOkResponse({ type: PageOf(DeliveryDto) })
  list(@Query() query: DeliveriesQuery) {
    return this.deliveries.list(query)
  }

  @Post(':id/replay')
  @HttpCode(202)
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Replay a stored delivery through the same path' })
  replay(@Param('id') id: string) {
    return this.deliveries.replay(id)
  }
}
