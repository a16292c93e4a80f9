import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common'
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { CurrentUser } from '../../accounts/current-user.js'
import { Roles } from '../../infrastructure/http/access.js'
import { DeclinedOrderDto, DeclineOrderBody } from './declines.dto.js'
import { Declines } from './declines.js'

@ApiTags('door')
@ApiBearerAuth()
@Roles('OPERATOR')
@Controller('orders')
export class DeclinesController {
  constructor(private readonly declines: Declines) {}

  @Post(':id/decline')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Declines a guest of a platform with all tickets of the order, where its API can: what was paid is refunded',
  })
  @ApiOkResponse({ type: DeclinedOrderDto })
  @ApiNotFoundResponse({ description: 'No such order' })
  @ApiConflictResponse({
    description:
      'STATE_CONFLICT: a direct order, one that a person must cancel on the platform, one that is checked in, or refused by the platform',
  })
  @ApiServiceUnavailableResponse({
    description: 'The platform did not respond. A retry declines once, and sends one mail.',
  })
  decline(
    @Param('id') id: string,
    @Body() { message }: DeclineOrderBody,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<DeclinedOrderDto> {
    return this.declines.decline(id, message ?? '', user)
  }
}
