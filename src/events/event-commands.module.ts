import { Module } from '@nestjs/common'
import { ChannelsModule } from '../channels/channels.module.js'
import { ChannelConnectionsModule } from '../connections/channel-connections.module.js'
import { EventChanges } from './event-changes.js'
import { EventCreation } from './event-creation.js'
import { EventPrice } from './event-price.js'
import { EventStates } from './event-states.js'
import { ListingClaims } from './listing-claims.js'

/** What staff do to an event. Apart from the reads, which need PostgreSQL itself. */
@Module({
  imports: [ChannelsModule, ChannelConnectionsModule],
  providers: [EventChanges, EventCreation, EventPrice, EventStates, ListingClaims],
  exports: [EventChanges, EventCreation, EventStates, ListingClaims],
})
export class EventCommandsModule {}
