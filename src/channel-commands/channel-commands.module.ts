import { Module } from '@nestjs/common'
import { ChannelsModule } from '../channels/channels.module.js'
import { EventsModule } from '../events/events.module.js'
import { InboundModule } from '../inbound/inbound.module.js'
import { ChannelCommandsController } from './channel-commands.controller.js'
import { ChannelCommands } from './channel-commands.js'

/** What staff do to one channel: pause, resume, read now. */
@Module({
  imports: [ChannelsModule, EventsModule, InboundModule],
  controllers: [ChannelCommandsController],
  providers: [ChannelCommands],
})
export class ChannelCommandsModule {}
