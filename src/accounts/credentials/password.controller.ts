import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common'
import {
  ApiAcceptedResponse,
  ApiNoContentResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { Unauthenticated, ValidationFailed } from '../../domain/errors.js'
import { Public } from '../../infrastructure/http/access.js'
import { LimitByAddress } from '../../infrastructure/http/address-limit.js'
import { ClientAddress } from '../../infrastructure/http/clients/client-address.js'
import { readToken } from '../access.guard.js'
import { SessionCookie } from '../login/session-cookie.js'
import { SessionsService } from '../login/sessions.service.js'
import { NewPasswordBody, PasswordResetBody } from './credentials.dto.js'
import { PasswordChange } from './password-change.js'
import { PasswordReset } from './password-reset.js'

@ApiTags('accounts')
@Controller('auth')
export class PasswordController {
  constructor(
    private readonly change: PasswordChange,
    private readonly reset: PasswordReset,
    private readonly sessions: SessionsService,
    private readonly cookie: SessionCookie,
  ) {}

  @Public()
  @LimitByAddress(10)
  @HttpCode(202)
  @Post('password-reset')
  @ApiOperation({
    summary: 'Sends a link for a new password, valid for 30 minutes; the response is the same for unknown addresses',
  })
  @ApiAcceptedResponse({ description: 'Mails are sent only with SMTP_URL, and to an account at most every 5 minutes' })
  @ApiTooManyRequestsResponse({ description: 'More than 10 requests a minute from one client' })
  requestReset(@Body() { email }: PasswordResetBody): void {
    this.reset.request(email)
  }

  @Public()
  @LimitByAddress(30)
  @HttpCode(204)
  @Post('password')
  @ApiOperation({
    summary: "Sets the password with the token of the link, or one's own with the present one; other sessions end",
  })
  @ApiNoContentResponse()
  @ApiUnauthorizedResponse({ description: '`currentPassword` without a valid access token' })
  @ApiTooManyRequestsResponse({ description: 'Too many wrong passwords, or more than 30 requests a minute' })
  async setPassword(
    @Body() { token, currentPassword, newPassword }: NewPasswordBody,
    @ClientAddress() ip: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    if ((token === undefined) === (currentPassword === undefined)) {
      throw ValidationFailed.of('token', 'or currentPassword is required, not both')
    }
    if (token !== undefined) return this.reset.complete(token, newPassword, ip)
    const accessToken = readToken(request, this.cookie)
    const user = accessToken === null ? null : await this.sessions.authenticate(accessToken)
    if (!user) throw new Unauthenticated('Sign in and send the access token as a bearer token.')
    await this.change.byCurrentPassword(user, { currentPassword: currentPassword ?? '', newPassword }, ip)
  }
}
