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
import { EventDto } from '../events/event-response.dto.js'
import { Roles } from '../infrastructure/http/access.js'
import { ChannelPauseDto } from './channel-commands.dto.js'
import { ChannelCommands } from './channel-commands.js'

@ApiTags('dashboard')
@ApiBearerAuth()
@Roles('OPERATOR')
@Controller('events/:id')
export class ChannelCommandsController {
  constructor(private readonly commands: ChannelCommands) {}

  @Post('freeze')
  @HttpCode(200)
  @ApiOperation({ summary: 'Freezes the caps of the event: no rebalancing' })
  @ApiOkResponse({ type: EventDto })
  freeze(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser) {
    return this.commands.freeze(id, true, user)
  }

  @Post('unfreeze')
  @HttpCode(200)
  @ApiOkResponse({ type: EventDto })
  unfreeze(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser) {
    return this.commands.freeze(id, false, user)
  }

  @Post('channels/:channel/sync')
  @HttpCode(202)
  @ApiOperation({ summary: "Enqueues a read of the platform's changes and a sync of its cap and mode" })
  @ApiAcceptedResponse()
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  sync(@Param('id') id: string, @Param('channel') channel: string, @CurrentUser() user: AuthenticatedUser) {
    return this.commands.sync(id, channel, user)
  }

  @Post('channels/:channel/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sets a channel, named by id or platform, to waitlist only until it is resumed' })
  @ApiOkResponse({ type: ChannelPauseDto })
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  pause(@Param('id') id: string, @Param('channel') channel: string, @CurrentUser() user: AuthenticatedUser) {
    return this.commands.pause(id, channel, true, user)
  }

  @Post('channels/:channel/resume')
  @HttpCode(200)
  @ApiOkResponse({ type: ChannelPauseDto })
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  resume(@Param('id') id: string, @Param('channel') channel: string, @CurrentUser() user: AuthenticatedUser) {
    return this.commands.pause(id, channel, false, user)
  }
}
