import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common'
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiGoneResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import type { AuthenticatedUser } from '../../accounts/authenticated-user.js'
import { CurrentUser } from '../../accounts/current-user.js'
import { HoldDto } from '../../holds/holds.dto.js'
import { Public, Roles } from '../../infrastructure/http/access.js'
import { Config } from '../../infrastructure/config/config.js'
import { ConfirmHoldBody, PaymentFormDto } from './checkout.dto.js'
import { HoldCheckout } from './hold-checkout.js'
import { paymentForm } from './payment-form.js'

@ApiTags('direct sale')
@ApiBearerAuth()
@Controller('holds/:id')
@Roles('CUSTOMER')
export class CheckoutController {
  constructor(private readonly checkout: HoldCheckout) {}

  @Post('confirm')
  @HttpCode(200)
  @ApiOkResponse({ type: HoldDto, description: 'CONFIRMED with its tickets, or PAYMENT_FAILED' })
  @ApiAcceptedResponse({ type: HoldDto, description: 'PAYMENT_PENDING' })
  @ApiGoneResponse({ description: 'The hold has expired' })
  @ApiTooManyRequestsResponse({
    description: 'Ten payments of the account, or to an address of others, were declined in an hour; the hold is kept',
  })
  async confirm(
    @Param('id') id: string,
    @Body() body: ConfirmHoldBody,
    @CurrentUser() user: AuthenticatedUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HoldDto> {
    const hold = await this.checkout.confirm(id, body, user)
    if (hold.state === 'PAYMENT_PENDING') void reply.code(202)
    return hold
  }
}

/** Public: the pages of buyers show the payment form with it. */
@ApiTags('direct sale')
@Public()
@Controller('payment-form')
export class PaymentFormController {
  constructor(private readonly config: Config) {}

  @Get()
  @ApiOperation({ summary: "How payments are taken, and the key for the provider's library" })
  @ApiOkResponse({ type: PaymentFormDto })
  get(): PaymentFormDto {
    return paymentForm(this.config)
  }
}
