import { Module } from '@nestjs/common'
import { ConnectionsModule } from '../connections/connections.module.js'
import { InboundModule } from '../inbound/inbound.module.js'
import { ConnectionChecks } from './connection-checks.js'
import { ConnectionCommands } from './connection-commands.js'
import { ConnectionList } from './connection-list.js'
import { ConnectionListings } from './connection-listings.js'
import { ConnectionsController } from './connections.controller.js'
import { RemovedConnections } from './removed-connections.js'

/** What staff do with accounts on platforms: add, check, change, remove, and read what they list. */
@Module({
  imports: [ConnectionsModule, InboundModule],
  controllers: [ConnectionsController],
  providers: [ConnectionChecks, ConnectionCommands, ConnectionList, ConnectionListings, RemovedConnections],
  exports: [ConnectionCommands, ConnectionList],
})
export class ConnectionCommandsModule {}
