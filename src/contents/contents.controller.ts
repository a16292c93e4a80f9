import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common'
import { ApiBearerAuth, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { Roles } from '../infrastructure/http/access.js'
import { ContentsRequests } from './contents-requests.js'
import { ContentsView } from './contents-view.js'
import { CancelListingsBody, EventContentsDto, PlannedChangesDto, WriteContentsBody } from './contents.dto.js'

@ApiTags('events')
@ApiBearerAuth()
@Controller('events/:id')
export class ContentsController {
  constructor(
    private readonly view: ContentsView,
    private readonly requests: ContentsRequests,
  ) {}

  @Get('contents')
  @Roles('VIEWER')
  @ApiOperation({ summary: 'What the event and its listings show, side by side' })
  @ApiOkResponse({ type: EventContentsDto })
  @ApiNotFoundResponse({ description: 'No such event' })
  contents(@Param('id') id: string) {
    return this.view.of(id)
  }

  @Post('contents')
  @HttpCode(200)
  @Roles('OPERATOR')
  @ApiOperation({ summary: 'Requests new titles and times of all listings; GET shows the result of each' })
  @ApiOkResponse({ type: PlannedChangesDto })
  @ApiNotFoundResponse({ description: 'No such event' })
  async write(@Param('id') id: string, @Body() body: WriteContentsBody, @CurrentUser() user: AuthenticatedUser) {
    return { preview: body.preview ?? false, channels: await this.requests.write(id, body, user) }
  }

  @Post('cancel-listings')
  @HttpCode(200)
  @Roles('ADMIN')
  @ApiOperation({ summary: 'Requests the cancellation of all listings of a closed event' })
  @ApiOkResponse({ type: PlannedChangesDto })
  @ApiNotFoundResponse({ description: 'No such event' })
  async cancel(@Param('id') id: string, @Body() body: CancelListingsBody, @CurrentUser() user: AuthenticatedUser) {
    return { preview: body.preview ?? false, channels: await this.requests.cancel(id, body, user) }
  }
}
