import { Global, Module } from '@nestjs/common'
import { DiscoveryModule } from '@nestjs/core'
import { BackgroundTasks } from './background-tasks.js'
import { DecoratedMethods } from './decorated-methods.js'

/** Discovers and runs what providers declare as background work. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [BackgroundTasks, DecoratedMethods],
  exports: [BackgroundTasks, DecoratedMethods],
})
export class BackgroundModule {}
