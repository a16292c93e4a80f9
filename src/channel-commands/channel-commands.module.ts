import { Module } from '@nestjs/common'
import { ChannelsModule } from '../channels/channels.module.js'
import { ChannelConnectionsModule } from '../connections/channel-connections.module.js'
import { EventsModule } from '../events/events.module.js'
import { InboundModule } from '../inbound/inbound.module.js'
import { ChannelCommandsController } from './channel-commands.controller.js'
import { ChannelCommands } from './channel-commands.js'
import { ChannelConfirmation } from './channel-confirmation.js'
import { ChannelListings } from './channel-listings.js'
import { ChannelLookup } from './channel-lookup.js'

/** What staff do to one channel: attach, change, pause, resume, confirm, read now, detach. */
@Module({
  imports: [ChannelsModule, ChannelConnectionsModule, EventsModule, InboundModule],
  controllers: [ChannelCommandsController],
  providers: [ChannelCommands, ChannelConfirmation, ChannelListings, ChannelLookup],
})
export class ChannelCommandsModule {}
