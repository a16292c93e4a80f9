import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common'
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Public, SignedIn } from '../../infrastructure/http/access.js'
import { LimitByAddress } from '../../infrastructure/http/address-limit.js'
import { ClientAddress } from '../../infrastructure/http/clients/client-address.js'
import { PageOf, PageQuery, type Page } from '../../infrastructure/http/requests/pagination.js'
import type { AuthenticatedUser } from '../authenticated-user.js'
import { LoginBody, LoginDto, RegisterBody, SessionDto, UserDto, toSession, toUser } from '../accounts.dto.js'
import { AuthService } from './auth.service.js'
import { CurrentUser } from '../current-user.js'
import { SessionCookie } from './session-cookie.js'
import { SessionsService } from './sessions.service.js'

@ApiTags('accounts')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly sessions: SessionsService,
    private readonly cookie: SessionCookie,
  ) {}

  @Public()
  @LimitByAddress(30)
  @Post('register')
  @ApiCreatedResponse({ type: UserDto })
  @ApiConflictResponse({ description: 'The e-mail address is already in use' })
  @ApiTooManyRequestsResponse({ description: 'More than 30 requests a minute from one IP address' })
  async register(@Body() body: RegisterBody, @ClientAddress() ip: string): Promise<UserDto> {
    return toUser(await this.auth.register(body, ip))
  }

  @Public()
  @LimitByAddress(120)
  @HttpCode(200)
  @Post('login')
  @ApiOkResponse({ type: LoginDto })
  @ApiUnauthorizedResponse({
    description:
      'Wrong e-mail address or password; `TOTP_REQUIRED` and `TOTP_INVALID`: the code of the authenticator app is missing, or wrong or used',
  })
  @ApiTooManyRequestsResponse({
    description:
      'After five failed logins for an account, or 30 for several, from one client in 15 minutes, or 120 logins a minute',
  })
  async login(
    @Body() body: LoginBody,
    @ClientAddress() ip: string,
    @Headers('user-agent') userAgent: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LoginDto> {
    const { user, accessToken, expiresAt, sessionId } = await this.auth.login(body, ip, userAgent)
    this.cookie.set(request, reply, accessToken, expiresAt)
    void reply.header('cache-control', 'no-store')
    return { accessToken, expiresAt, sessionId, user: toUser(user) }
  }

  @SignedIn()
  @HttpCode(204)
  @Post('logout')
  @ApiNoContentResponse()
  async logout(
    @CurrentUser() user: AuthenticatedUser,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.sessions.revoke(user.id, user.sessionId)
    this.cookie.clear(request, reply)
  }

  @SignedIn()
  @Get('sessions')
  @ApiOkResponse({ type: PageOf(SessionDto) })
  async listSessions(@CurrentUser() user: AuthenticatedUser, @Query() query: PageQuery): Promise<Page<SessionDto>> {
    const { items, nextCursor } = await this.sessions.list(user.id, query)
    return { items: items.map((item) => toSession(item, user.sessionId)), nextCursor }
  }

  @SignedIn()
  @HttpCode(204)
  @Delete('sessions/:id')
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ description: 'The user has no such session' })
  async deleteSession(@CurrentUser() user: AuthenticatedUser, @Param('id') id: string): Promise<void> {
    await this.sessions.revoke(user.id, id)
  }
}
