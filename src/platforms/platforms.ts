import type { Platform } from '../domain/channel.js'
import type { PlatformAdapter } from './port.js'

/** The adapters of this process, one per platform. */
export class Platforms {
  private readonly adapters: ReadonlyMap<Platform, PlatformAdapter>

  constructor(adapters: readonly PlatformAdapter[]) {
    this.adapters = new Map(adapters.map((adapter) => [adapter.platform, adapter]))
  }

  get(platform: Platform): PlatformAdapter {
    const adapter = this.adapters.get(platform)
    if (!adapter) throw new Error(`no adapter for ${platform}`)
    return adapter
  }

  all(): PlatformAdapter[] {
    return [...this.adapters.values()]
  }
}
