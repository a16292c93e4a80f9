import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common'
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { ResentDto, TransferBody, TransferDto } from './ticket-commands.dto.js'
import { TicketResend } from './ticket-resend.js'
import { TicketTransfer } from './ticket-transfer.js'

@ApiTags('tickets')
@ApiBearerAuth()
@Controller()
@Roles('CUSTOMER')
export class TicketCommandsController {
  constructor(
    private readonly resending: TicketResend,
    private readonly transfers: TicketTransfer,
  ) {}

  @Post('orders/:id/tickets/resend')
  @HttpCode(202)
  @ApiOperation({ summary: 'Sends the tickets of a direct order again; for its buyer and OPERATOR, 3 times an hour' })
  @ApiAcceptedResponse({ type: ResentDto })
  @ApiNotFoundResponse({ description: 'No such order, or that of another customer' })
  @ApiConflictResponse({
    description: 'STATE_CONFLICT: cancelled, of a platform, or given to others; NOT_COMPOSABLE: the buyer was erased',
  })
  resend(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser): Promise<ResentDto> {
    return this.resending.resend(id, user)
  }

  @Post('tickets/:id/transfer')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Gives a direct ticket to another person, who gets a new code; the old one is no longer valid',
    description: 'For who has the ticket, and OPERATOR with a reason. The same request again changes nothing.',
  })
  @ApiOkResponse({ type: TransferDto })
  @ApiNotFoundResponse({ description: 'No such ticket, or that of others' })
  @ApiConflictResponse({
    description:
      'STATE_CONFLICT: cancelled, checked in, of a platform, given to another person at the same time, or the event is over',
  })
  transfer(
    @Param('id') id: string,
    @Body() body: TransferBody,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<TransferDto> {
    return this.transfers.transfer(id, body, user)
  }
}
