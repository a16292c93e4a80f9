import { Body, Controller, HttpCode, Param, Patch, Post } from '@nestjs/common'
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
import { EventQueries } from '../events/event-queries.js'
import { EventDetailsDto } from '../events/event-response.dto.js'
import { ACCEPTED, AcceptedDto } from '../infrastructure/http/accepted.dto.js'
import { Roles } from '../infrastructure/http/access.js'
import { channelPauseDto, ChannelPauseDto, PatchChannelBody } from './channel-commands.dto.js'
import { ChannelCommands } from './channel-commands.js'

@ApiTags('dashboard')
@ApiBearerAuth()
@Roles('OPERATOR')
@Controller('events/:id')
export class ChannelCommandsController {
  constructor(
    private readonly commands: ChannelCommands,
    private readonly events: EventQueries,
  ) {}

  @Post('freeze')
  @HttpCode(200)
  @ApiOperation({ summary: 'Freezes the caps of the event: no rebalancing' })
  @ApiOkResponse({ type: EventDetailsDto })
  async freeze(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser) {
    await this.commands.freeze(id, true, user)
    return this.events.get(id)
  }

  @Post('unfreeze')
  @HttpCode(200)
  @ApiOkResponse({ type: EventDetailsDto })
  async unfreeze(@Param('id') id: string, @CurrentUser() user: AuthenticatedUser) {
    await this.commands.freeze(id, false, user)
    return this.events.get(id)
  }

  @Patch('channels/:channel')
  @ApiOperation({ summary: 'Changes the weight of a channel, named by id or platform, or the limit for its cap' })
  @ApiOkResponse({ type: EventDetailsDto })
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  async change(
    @Param('id') id: string,
    @Param('channel') channel: string,
    @Body() body: PatchChannelBody,
    @CurrentUser() user: AuthenticatedUser,
  ) {
    await this.commands.change(id, channel, body, user)
    return this.events.get(id)
  }

  @Post('channels/:channel/sync')
  @HttpCode(202)
  @ApiOperation({ summary: "Enqueues a read of the platform's changes and a sync of its cap and mode" })
  @ApiAcceptedResponse({ type: AcceptedDto })
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  async sync(@Param('id') id: string, @Param('channel') channel: string, @CurrentUser() user: AuthenticatedUser) {
    await this.commands.sync(id, channel, user)
    return ACCEPTED
  }

  @Post('channels/:channel/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sets a channel, named by id or platform, to waitlist only until it is resumed' })
  @ApiOkResponse({ type: ChannelPauseDto })
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  async pause(@Param('id') id: string, @Param('channel') channel: string, @CurrentUser() user: AuthenticatedUser) {
    return channelPauseDto(await this.commands.pause(id, channel, true, user))
  }

  @Post('channels/:channel/resume')
  @HttpCode(200)
  @ApiOkResponse({ type: ChannelPauseDto })
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  async resume(@Param('id') id: string, @Param('channel') channel: string, @CurrentUser() user: AuthenticatedUser) {
    return channelPauseDto(await this.commands.pause(id, channel, false, user))
  }
}
