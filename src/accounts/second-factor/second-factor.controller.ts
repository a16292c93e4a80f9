import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post } from '@nestjs/common'
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import { Roles } from '../../infrastructure/http/access.js'
import { ClientAddress } from '../../infrastructure/http/clients/client-address.js'
import type { AuthenticatedUser } from '../authenticated-user.js'
import { CurrentUser } from '../current-user.js'
import {
  RecoveryCodesDto,
  TotpCodeBody,
  TotpDto,
  TotpEnrolmentBody,
  TotpEnrolmentDto,
  TotpRemovalBody,
} from './second-factor.dto.js'
import { SecondFactors } from './second-factors.js'

@ApiTags('accounts')
@Controller()
export class SecondFactorController {
  constructor(private readonly factors: SecondFactors) {}

  @Roles('VIEWER')
  @Get('auth/totp')
  @ApiOkResponse({ type: TotpDto })
  status(@CurrentUser() user: AuthenticatedUser): Promise<TotpDto> {
    return this.factors.status(user.id)
  }

  @Roles('VIEWER')
  @Header('cache-control', 'no-store')
  @Post('auth/totp')
  @ApiOperation({ summary: 'Starts the enrolment of an authenticator app; it has no effect before it is confirmed' })
  @ApiCreatedResponse({ type: TotpEnrolmentDto })
  @ApiConflictResponse({ description: 'An app is in use already' })
  begin(
    @CurrentUser() user: AuthenticatedUser,
    @Body() { password }: TotpEnrolmentBody,
    @ClientAddress() ip: string,
  ): Promise<TotpEnrolmentDto> {
    return this.factors.begin(user, password, ip)
  }

  @Roles('VIEWER')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Post('auth/totp/confirm')
  @ApiOperation({ summary: 'Puts the app into use: logins need its code from now on; other sessions end' })
  @ApiOkResponse({ type: RecoveryCodesDto })
  @ApiConflictResponse({ description: 'No enrolment was started, or it was confirmed already' })
  async confirm(@CurrentUser() user: AuthenticatedUser, @Body() { code }: TotpCodeBody): Promise<RecoveryCodesDto> {
    return { recoveryCodes: await this.factors.confirm(user, code) }
  }

  @Roles('VIEWER')
  @HttpCode(204)
  @Delete('auth/totp')
  @ApiOperation({ summary: "Removes one's own authenticator app" })
  @ApiNoContentResponse()
  async removeOwn(
    @CurrentUser() user: AuthenticatedUser,
    @Body() body: TotpRemovalBody,
    @ClientAddress() ip: string,
  ): Promise<void> {
    await this.factors.removeOwn(user, body, ip)
  }

  @Roles('ADMIN')
  @HttpCode(204)
  @Delete('operators/:id/totp')
  @ApiOperation({ summary: 'Removes the authenticator app of an operator who has lost it' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ description: 'No such operator' })
  @ApiConflictResponse({ description: "One's own: `DELETE /auth/totp`" })
  async remove(@CurrentUser() user: AuthenticatedUser, @Param('id') id: string): Promise<void> {
    await this.factors.removeFrom(user.id, { id })
  }
}
