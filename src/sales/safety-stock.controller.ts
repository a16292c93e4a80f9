import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common'
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiForbiddenResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { PageOf } from '../infrastructure/http/pagination.js'
import { ReleaseDto, ReleasesQuery, RequestReleaseBody, SafetySaleBody, SafetySaleDto } from './safety-bodies.js'
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
  @ApiOperation({ summary: 'Sells by hand; counts as sold on DIRECT' })
  @ApiCreatedResponse({ type: SafetySaleDto })
  @ApiConflictResponse({ description: 'SOLD_OUT: too few left; STATE_CONFLICT: paused or closed' })
  sell(@Param('id') eventId: string, @Body() body: SafetySaleBody, @CurrentUser() account: AuthenticatedUser) {
    return this.sales.sell(eventId, body, account)
  }

  @Post('events/:id/safety-stock/releases')
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Asks to let a platform sell some of it; an admin decides' })
  @ApiCreatedResponse({ type: ReleaseDto })
  request(@Param('id') eventId: string, @Body() body: RequestReleaseBody, @CurrentUser() account: AuthenticatedUser) {
    return this.releases.request(eventId, body, account)
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
  @ApiForbiddenResponse({ description: 'You asked for it yourself' })
  @ApiConflictResponse({ description: 'Decided already, or too few left' })
  approve(@Param('id') id: string, @CurrentUser() account: AuthenticatedUser) {
    return this.releases.approve(id, account)
  }

  @Post('safety-stock/releases/:id/reject')
  @HttpCode(200)
  @Roles('ADMIN')
  @ApiOkResponse({ type: ReleaseDto })
  @ApiForbiddenResponse({ description: 'You asked for it yourself' })
  reject(@Param('id') id: string, @CurrentUser() account: AuthenticatedUser) {
    return this.releases.reject(id, account)
  }
}
