import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common'
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiGoneResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Clock } from '../infrastructure/time/clock.js'
import { Public, Roles } from '../infrastructure/http/access.js'
import { LimitByAddress } from '../infrastructure/http/address-limit.js'
import { ApiSecretHeader, SecretHeader } from '../infrastructure/http/requests/secret-header.js'
import { PageOf } from '../infrastructure/http/requests/pagination.js'
import { holdDto, HoldDto } from '../holds/holds.dto.js'
import {
  ClaimBody,
  EntryDto,
  JoinedDto,
  JoinWaitlistBody,
  MoveEntryBody,
  OfferBody,
  OwnEntryDto,
  VerifyEntryBody,
  WaitlistQuery,
} from './waitlist.dto.js'
import { WaitlistClaims } from './waitlist-claims.js'
import { WaitlistOffers } from './waitlist-offers.js'
import { Waitlist } from './waitlist.js'

const TOKEN = 'X-Entry-Token'
const TOKEN_FROM = 'From the join response or the offer e-mail'

@ApiTags('waitlist')
@Controller()
export class WaitlistController {
  constructor(
    private readonly waitlist: Waitlist,
    private readonly offers: WaitlistOffers,
    private readonly claims: WaitlistClaims,
    private readonly clock: Clock,
  ) {}

  @Public()
  @LimitByAddress(30)
  @Post('events/:id/waitlist')
  @ApiOperation({
    summary:
      'Joins the waitlist; available in fail-safe mode. Joining twice creates two entries but one offer. The address is mailed a link to confirm it',
  })
  @ApiCreatedResponse({ type: JoinedDto })
  @ApiTooManyRequestsResponse({ description: 'More than 30 requests a minute from one IP address' })
  join(@Param('id') eventId: string, @Body() body: JoinWaitlistBody): Promise<JoinedDto> {
    return this.waitlist.join(eventId, body)
  }

  @Roles('VIEWER')
  @Get('events/:id/waitlist')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Lists the waitlist in queue order' })
  @ApiOkResponse({ type: PageOf(EntryDto) })
  list(@Param('id') eventId: string, @Query() query: WaitlistQuery) {
    return this.waitlist.list(eventId, query)
  }

  @Public()
  @LimitByAddress(60)
  @Get('waitlist/:id')
  @ApiSecretHeader(TOKEN, TOKEN_FROM)
  @ApiOkResponse({ type: OwnEntryDto })
  get(@Param('id') id: string, @SecretHeader(TOKEN) token: string): Promise<OwnEntryDto> {
    return this.claims.get(id, token)
  }

  @Public()
  @LimitByAddress(30)
  @Delete('waitlist/:id')
  @HttpCode(204)
  @ApiSecretHeader(TOKEN, TOKEN_FROM)
  @ApiNoContentResponse()
  @ApiConflictResponse({ description: 'Already bought, or being paid' })
  leave(@Param('id') id: string, @SecretHeader(TOKEN) token: string): Promise<void> {
    return this.waitlist.leave(id, token)
  }

  @Public()
  @LimitByAddress(30)
  @Post('waitlist/:id/verify')
  @HttpCode(200)
  @ApiOperation({ summary: 'Confirms the e-mail address of an entry. Before that it gets no automatic offer' })
  @ApiOkResponse({ type: OwnEntryDto })
  verify(@Param('id') id: string, @Body() { token }: VerifyEntryBody): Promise<OwnEntryDto> {
    return this.claims.verify(id, token)
  }

  @Roles('OPERATOR')
  @Patch('events/:id/waitlist/:entryId')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Moves an entry to another position' })
  @ApiOkResponse({ type: EntryDto })
  @ApiConflictResponse({ description: 'The entry is not WAITING' })
  move(
    @Param('id') eventId: string,
    @Param('entryId') entryId: string,
    @Body() { position }: MoveEntryBody,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<EntryDto> {
    return this.waitlist.move(eventId, entryId, position, user)
  }

  @Roles('OPERATOR')
  @Delete('events/:id/waitlist/:entryId')
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Removes an entry; its offer ends' })
  @ApiNoContentResponse()
  @ApiConflictResponse({ description: 'Already bought, or being paid' })
  remove(
    @Param('id') eventId: string,
    @Param('entryId') entryId: string,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<void> {
    return this.waitlist.remove(eventId, entryId, user)
  }

  @Roles('OPERATOR')
  @Post('waitlist/:id/offer')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Holds tickets for the entry and sends the claim link by e-mail' })
  @ApiBody({ type: OfferBody, required: false })
  @ApiCreatedResponse({ type: HoldDto })
  @ApiConflictResponse({
    description:
      'SOLD_OUT, or STATE_CONFLICT: the entry is not WAITING, its address is not confirmed (where mails are sent), or sales are closed',
  })
  async offer(
    @Param('id') id: string,
    @Body() body: OfferBody,
    @CurrentUser() user: AuthenticatedUser,
  ): Promise<HoldDto> {
    return holdDto(await this.offers.offer(id, user, body.ttlSeconds), this.clock.now(), null)
  }

  @Public()
  @LimitByAddress(30)
  @Post('waitlist/:id/claim')
  @HttpCode(200)
  @ApiOkResponse({ type: HoldDto, description: 'CONFIRMED with its tickets, or PAYMENT_FAILED' })
  @ApiAcceptedResponse({ type: HoldDto, description: 'PAYMENT_PENDING' })
  @ApiGoneResponse({ description: 'The offer has expired' })
  @ApiTooManyRequestsResponse({
    description: 'More than 30 requests a minute, or ten payments to another address were declined in an hour',
  })
  async claim(
    @Param('id') id: string,
    @Body() body: ClaimBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HoldDto> {
    const hold = await this.claims.claim(id, body)
    if (hold.state === 'PAYMENT_PENDING') void reply.code(202)
    return hold
  }
}
