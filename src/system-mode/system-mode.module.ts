import { Global, Module } from '@nestjs/common'
import { ModeStore } from './mode-store.js'
import { RedisWatch } from './redis-watch.js'
import { SystemMode } from './system-mode.js'

/** Lets every feature check whether sales are allowed now. */
@Global()
@Module({ providers: [ModeStore, RedisWatch, SystemMode], exports: [ModeStore, RedisWatch, SystemMode] })
export class SystemModeModule {}
