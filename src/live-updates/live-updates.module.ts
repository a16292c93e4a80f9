import { Module } from '@nestjs/common'
import { EventsModule } from '../events/events.module.js'
import { FailSafeModule } from '../fail-safe/fail-safe.module.js'
import { ChangeFeed } from './change-feed.js'
import { LiveStream } from './live-stream.js'
import { StreamController } from './stream.controller.js'

/** The stream of changes that keeps open dashboards current. */
@Module({
  imports: [EventsModule, FailSafeModule],
  controllers: [StreamController],
  providers: [ChangeFeed, LiveStream],
})
export class LiveUpdatesModule {}
