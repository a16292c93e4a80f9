import { Controller, HttpCode, Param, Post } from '@nestjs/common'
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { EventDto } from '../events/event-answers.js'
import { Roles } from '../infrastructure/http/access.js'
import { ChannelPauseDto } from './event-reads.dto.js'
import { ChannelCommands } from './channel-commands.js'

@ApiTags('dashboard')
@ApiBearerAuth()
@Roles('OPERATOR')
@Controller('events/:id')
export class ChannelCommandsController {
  constructor(private readonly steering: ChannelCommands) {}

  @Post('freeze')
  @HttpCode(200)
  @ApiOperation({ summary: 'Caps stay where they are: no rebalancing' })
  @ApiOkResponse({ type: EventDto })
  freeze(@Param('id') id: string, @CurrentUser() account: AuthenticatedUser) {
    return this.steering.freeze(id, true, account)
  }

  @Post('unfreeze')
  @HttpCode(200)
  @ApiOkResponse({ type: EventDto })
  unfreeze(@Param('id') id: string, @CurrentUser() account: AuthenticatedUser) {
    return this.steering.freeze(id, false, account)
  }

  @Post('channels/:platform/sync')
  @HttpCode(202)
  @ApiOperation({ summary: "Reads the platform's changes and brings its cap and mode in step, soon" })
  @ApiAcceptedResponse()
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  sync(@Param('id') id: string, @Param('platform') platform: string, @CurrentUser() account: AuthenticatedUser) {
    return this.steering.sync(id, platform, account)
  }

  @Post('channels/:platform/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Waitlist only on this platform, until it is resumed' })
  @ApiOkResponse({ type: ChannelPauseDto })
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  pause(@Param('id') id: string, @Param('platform') platform: string, @CurrentUser() account: AuthenticatedUser) {
    return this.steering.pause(id, platform, true, account)
  }

  @Post('channels/:platform/resume')
  @HttpCode(200)
  @ApiOkResponse({ type: ChannelPauseDto })
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  resume(@Param('id') id: string, @Param('platform') platform: string, @CurrentUser() account: AuthenticatedUser) {
    return this.steering.pause(id, platform, false, account)
  }
}
