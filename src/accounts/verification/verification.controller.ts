import { Body, Controller, HttpCode, Post } from '@nestjs/common'
import {
  ApiAcceptedResponse,
  ApiNoContentResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger'
import { Public, Roles } from '../../infrastructure/http/access.js'
import { LimitByAddress } from '../../infrastructure/http/address-limit.js'
import { VerifyEmailBody } from '../accounts.dto.js'
import type { AuthenticatedUser } from '../authenticated-user.js'
import { CurrentUser } from '../current-user.js'
import { EmailVerification } from './email-verification.js'

@ApiTags('accounts')
@Controller('auth')
export class VerificationController {
  constructor(private readonly verification: EmailVerification) {}

  @Public()
  @LimitByAddress(30)
  @HttpCode(204)
  @Post('verify')
  @ApiOperation({ summary: 'Confirms the e-mail address of an account, with the token of the link sent to it' })
  @ApiNoContentResponse()
  verify(@Body() { token }: VerifyEmailBody): Promise<void> {
    return this.verification.verify(token)
  }

  @Roles('CUSTOMER')
  @HttpCode(202)
  @Post('verification')
  @ApiOperation({ summary: 'Sends the link again, at most every five minutes; nothing for a confirmed address' })
  @ApiAcceptedResponse()
  @ApiTooManyRequestsResponse({ description: 'It was sent less than five minutes ago' })
  repeat(@CurrentUser() user: AuthenticatedUser): Promise<void> {
    return this.verification.repeat(user.id)
  }
}
