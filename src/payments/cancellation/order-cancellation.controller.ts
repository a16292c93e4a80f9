import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common'
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { CurrentUser } from '../../accounts/current-user.js'
import { Roles } from '../../infrastructure/http/access.js'
import { CancelledOrderDto, CancelOrderBody } from './order-cancellation.dto.js'
import { OrderCancellation } from './order-cancellation.js'

@ApiTags('direct sale')
@ApiBearerAuth()
@Controller('orders')
@Roles('OPERATOR')
export class OrderCancellationController {
  constructor(private readonly cancellation: OrderCancellation) {}

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Cancels a direct order: its tickets become invalid, the stock is back, the payment is refunded',
  })
  @ApiOkResponse({ type: CancelledOrderDto })
  @ApiNotFoundResponse({ description: 'No such order' })
  @ApiConflictResponse({ description: 'STATE_CONFLICT: the order of a platform, which is cancelled there' })
  cancel(
    @Param('id') id: string,
    @Body() body: CancelOrderBody,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<CancelledOrderDto> {
    return this.cancellation.cancel(id, body, user)
  }
}
