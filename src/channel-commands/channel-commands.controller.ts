import { Body, Controller, Delete, HttpCode, Param, Patch, Post } from '@nestjs/common'
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger'
import type { AuthenticatedUser } from '../accounts/authenticated-user.js'
import { CurrentUser } from '../accounts/current-user.js'
import { EventQueries } from '../events/event-queries.js'
import { ChannelBody } from '../events/event-request.dto.js'
import { EventChannelDto, EventDetailsDto } from '../events/event-response.dto.js'
import { ACCEPTED, AcceptedDto } from '../infrastructure/http/accepted.dto.js'
import { Roles } from '../infrastructure/http/access.js'
import {
  channelPauseDto,
  ChannelPauseDto,
  ConfirmChannelBody,
  DetachChannelBody,
  PatchChannelBody,
} from './channel-commands.dto.js'
import { ChannelCommands } from './channel-commands.js'
import { ChannelConfirmation } from './channel-confirmation.js'
import { ChannelListings } from './channel-listings.js'

@ApiTags('dashboard')
@ApiBearerAuth()
@Roles('OPERATOR')
@Controller('events/:id')
export class ChannelCommandsController {
  constructor(
    private readonly commands: ChannelCommands,
    private readonly confirmation: ChannelConfirmation,
    private readonly listings: ChannelListings,
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

  @Post('channels')
  @ApiOperation({ summary: 'Adds a listing to an event on sale; it is imported as those of a new event are' })
  @ApiCreatedResponse({ type: EventChannelDto })
  @ApiNotFoundResponse({ description: 'No such event' })
  async attach(@Param('id') id: string, @Body() body: ChannelBody, @CurrentUser() user: AuthenticatedUser) {
    return this.events.channelOf(await this.listings.attach(id, body, user))
  }

  @Delete('channels/:channel')
  @HttpCode(202)
  @ApiOperation({ summary: 'Closes a listing; once the platform confirms it, its channel is detached' })
  @ApiAcceptedResponse({ type: AcceptedDto })
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  async detach(
    @Param('id') id: string,
    @Param('channel') channel: string,
    @Body() { reason, assume }: DetachChannelBody,
    @CurrentUser() user: AuthenticatedUser,
  ) {
    await this.listings.detach(id, channel, { reason, soldOnly: assume === 'SOLD_ONLY' }, user)
    return ACCEPTED
  }

  @Patch('channels/:channel')
  @ApiOperation({
    summary: 'Changes the weight, name or listing of a channel, named by id or platform, or the limit for its cap',
  })
  @ApiOkResponse({ type: EventDetailsDto })
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  async change(
    @Param('id') id: string,
    @Param('channel') channel: string,
    @Body() { externalEventId, ...settings }: PatchChannelBody,
    @CurrentUser() user: AuthenticatedUser,
  ) {
    if (externalEventId !== undefined) await this.listings.move(id, channel, externalEventId, user)
    if (Object.keys(settings).length > 0) await this.commands.change(id, channel, settings, user)
    return this.events.get(id)
  }

  @Post('channels/:channel/confirm')
  @HttpCode(200)
  @ApiOperation({ summary: 'Confirms what is in force on a listing without an API, as its task requests or otherwise' })
  @ApiOkResponse({ type: EventDetailsDto })
  @ApiNotFoundResponse({ description: 'No such event or channel' })
  async confirm(
    @Param('id') id: string,
    @Param('channel') channel: string,
    @Body() { cap, sold }: ConfirmChannelBody,
    @CurrentUser() user: AuthenticatedUser,
  ) {
    await this.confirmation.confirm(id, channel, { cap, sold }, user)
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
