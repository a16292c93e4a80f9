import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common'
import { ApiBearerAuth, ApiBody, ApiConflictResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { CurrentUser } from '../../accounts/current-user.js'
import { Roles } from '../../infrastructure/http/access.js'
import { PageOf } from '../../infrastructure/http/pagination.js'
import { PaymentDto, PaymentsQuery, SettlePaymentBody } from './payment-answers.js'
import { PaymentAdmin } from './payment-admin.js'

@ApiTags('payments')
@ApiBearerAuth()
@Controller('payments')
@Roles('OPERATOR')
export class PaymentsController {
  constructor(private readonly desk: PaymentAdmin) {}

  @Get()
  @ApiOkResponse({ type: PageOf(PaymentDto) })
  list(@Query() query: PaymentsQuery) {
    return this.desk.list(query)
  }

  @Get(':id')
  @ApiOkResponse({ type: PaymentDto })
  get(@Param('id') id: string) {
    return this.desk.get(id)
  }

  @Post(':id/settle')
  @HttpCode(200)
  @ApiOperation({ summary: 'Asks the provider now; or gives the payment up' })
  @ApiBody({ type: SettlePaymentBody, required: false })
  @ApiOkResponse({ type: PaymentDto })
  @ApiConflictResponse({ description: 'It is over, or being worked on' })
  settle(@Param('id') id: string, @Body() body: SettlePaymentBody, @CurrentUser() account: AuthenticatedUser) {
    return this.desk.settle(id, body, account)
  }
}
