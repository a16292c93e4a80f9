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
  @ApiConflictResponse({ description: 'SOLD_OUT: not enough left; STATE_CONFLICT: sales are paused or closed' })
  sell(@Param('id') eventId: string, @Body() body: SafetySaleBody, @CurrentUser() user: AuthenticatedUser) {
    return this.sales.sell(eventId, body, user)
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
