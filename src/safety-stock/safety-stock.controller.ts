import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common'
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiForbiddenResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import type { FastifyReply } from 'fastify'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { PageOf } from '../infrastructure/http/requests/pagination.js'
import { ReleaseDto, ReleasesQuery, RequestReleaseBody, SafetySaleBody, SafetySaleDto } from './safety-stock.dto.js'
import { SafetyReleases } from './safety-releases.js'
import { SafetySales } from './safety-sales.js'

@ApiTags('safety stock')
@ApiBearerAuth()
@Controller()
export class SafetyStockController {
  constructor(
    private readonly sales: SafetySales,
    private readonly releases: SafetyReleases,
  ) {}

  @Post('events/:id/safety-stock/sales')
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Sells from the safety stock; counts as sold on DIRECT' })
  @ApiCreatedResponse({ type: SafetySaleDto })
  @ApiOkResponse({ type: SafetySaleDto, description: 'The sale made by an earlier request with this key' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'A retry with the same key returns the same sale, for 24 hours',
  })
  @ApiConflictResponse({
    description: 'SOLD_OUT: not enough left; STATE_CONFLICT: sales are paused or closed; IDEMPOTENCY_CONFLICT',
  })
  async sell(
    @Param('id') eventId: string,
    @Body() body: SafetySaleBody,
    @Headers('idempotency-key') key: string | undefined,
    @CurrentUser() user: AuthenticatedUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SafetySaleDto> {
    const { repeated, ...sale } = await this.sales.sell(eventId, body, user, key)
    if (repeated) void reply.code(200)
    return sale
  }

  @Post('events/:id/safety-stock/releases')
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Requests the release of safety stock to a platform; an admin decides' })
  @ApiCreatedResponse({ type: ReleaseDto })
  request(@Param('id') eventId: string, @Body() body: RequestReleaseBody, @CurrentUser() user: AuthenticatedUser) {
    return this.releases.request(eventId, body, user)
  }

  @Get('safety-stock/releases')
  @Roles('VIEWER')
  @ApiOkResponse({ type: PageOf(ReleaseDto) })
  list(@Query() query: ReleasesQuery) {
    return this.releases.list(query)
  }

  @Post('safety-stock/releases/:id/approve')
  @HttpCode(200)
  @Roles('ADMIN')
  @ApiOkResponse({ type: ReleaseDto })
  @ApiForbiddenResponse({ description: 'Requested by the caller' })
  @ApiConflictResponse({ description: 'Already decided, or not enough left' })
  approve(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser) {
    return this.releases.approve(id, user)
  }

  @Post('safety-stock/releases/:id/reject')
  @HttpCode(200)
  @Roles('ADMIN')
  @ApiOkResponse({ type: ReleaseDto })
  @ApiForbiddenResponse({ description: 'Requested by the caller' })
  reject(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser) {
    return this.releases.reject(id, user)
  }
}
