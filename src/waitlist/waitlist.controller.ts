import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common'
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
import { PageOf } from '../infrastructure/http/requests/pagination.js'
import { holdDto, HoldDto } from '../holds/holds.dto.js'
import {
  ClaimBody,
  EntryDto,
  EntryTokenQuery,
  JoinedDto,
  JoinWaitlistBody,
  OfferBody,
  OwnEntryDto,
  WaitlistQuery,
} from './waitlist.dto.js'
import { WaitlistClaims } from './waitlist-claims.js'
import { WaitlistOffers } from './waitlist-offers.js'
import { Waitlist } from './waitlist.js'

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
    summary: 'Joins the waitlist; available in fail-safe mode. Joining twice creates two entries but one offer',
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
  @ApiOkResponse({ type: OwnEntryDto })
  get(@Param('id') id: string, @Query() { token }: EntryTokenQuery): Promise<OwnEntryDto> {
    return this.claims.get(id, token)
  }

  @Public()
  @LimitByAddress(30)
  @Delete('waitlist/:id')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiConflictResponse({ description: 'Already bought, or being paid' })
  leave(@Param('id') id: string, @Query() { token }: EntryTokenQuery): Promise<void> {
    return this.waitlist.leave(id, token)
  }

  @Roles('OPERATOR')
  @Post('waitlist/:id/offer')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Holds tickets for the entry and sends the claim link by e-mail' })
  @ApiBody({ type: OfferBody, required: false })
  @ApiCreatedResponse({ type: HoldDto })
  @ApiConflictResponse({ description: 'SOLD_OUT, or STATE_CONFLICT: the entry is not WAITING, or sales are closed' })
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
