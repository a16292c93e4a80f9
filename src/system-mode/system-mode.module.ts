import { Global, Module } from '@nestjs/common'
import { ModeTransitions } from './mode-transitions.js'
import { RedisWatch } from './redis-watch.js'
import { SystemMode } from './system-mode.js'

/** Lets every feature check whether sales are allowed now. */
@Global()
@Module({ providers: [ModeTransitions, RedisWatch, SystemMode], exports: [ModeTransitions, RedisWatch, SystemMode] })
export class SystemModeModule {}
