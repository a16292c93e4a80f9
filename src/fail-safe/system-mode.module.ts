import { Global, Module } from '@nestjs/common'
import { ModeStore } from './mode-store.js'
import { RedisWatch } from './redis-watch.js'
import { SystemMode } from './system-mode.js'

/** What every feature may ask: is anything sold now? */
@Global()
@Module({ providers: [ModeStore, RedisWatch, SystemMode], exports: [ModeStore, RedisWatch, SystemMode] })
export class SystemModeModule {}
