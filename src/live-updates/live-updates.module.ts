import { Module } from '@nestjs/common'
import { EventsModule } from '../events/events.module.js'
import { FailSafeModule } from '../fail-safe/fail-safe.module.js'
import { SystemModeModule } from '../system-mode/system-mode.module.js'
import { ChangeFeed } from './change-feed.js'
import { LiveStream } from './live-stream.js'
import { ModeFeed } from './mode-feed.js'
import { StreamController } from './stream.controller.js'

/** The stream of changes that keeps open dashboards current. */
@Module({
  imports: [EventsModule, FailSafeModule, SystemModeModule],
  controllers: [StreamController],
  providers: [ChangeFeed, LiveStream, ModeFeed],
})
export class LiveUpdatesModule {}
