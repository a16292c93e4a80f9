import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common'
import { ApiBearerAuth, ApiBody, ApiConflictResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { PageOf } from '../infrastructure/http/requests/pagination.js'
import { PaymentDto, PaymentsQuery, SettlePaymentBody } from './payments.dto.js'
import { PaymentAdmin } from './payment-admin.js'

@ApiTags('payments')
@ApiBearerAuth()
@Controller('payments')
@Roles('OPERATOR')
export class PaymentsController {
  constructor(private readonly admin: PaymentAdmin) {}

  @Get()
  @ApiOkResponse({ type: PageOf(PaymentDto) })
  list(@Query() query: PaymentsQuery) {
    return this.admin.list(query)
  }

  @Get(':id')
  @ApiOkResponse({ type: PaymentDto })
  get(@Param('id') id: string) {
    return this.admin.get(id)
  }

  @Post(':id/settle')
  @HttpCode(200)
  @ApiOperation({ summary: 'Retries the payment now, or abandons it' })
  @ApiBody({ type: SettlePaymentBody, required: false })
  @ApiOkResponse({ type: PaymentDto })
  @ApiConflictResponse({ description: 'Already final, or being processed' })
  settle(@Param('id') id: string, @Body() body: SettlePaymentBody, @CurrentUser() user: AuthenticatedUser) {
    return this.admin.settle(id, body, user)
  }
}
