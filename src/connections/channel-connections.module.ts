import { Module } from '@nestjs/common'
import { ChannelConnections } from './channel-connections.js'

/** Which connection drives a new channel. Apart from the credentials, which commands on channels do not need. */
@Module({ providers: [ChannelConnections], exports: [ChannelConnections] })
export class ChannelConnectionsModule {}
