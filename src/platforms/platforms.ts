import type { Platform } from '../domain/channel.js'
import { AccessGate, type RefusedAccess } from './access/access-gate.js'
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

  /** Platforms that refuse the credentials, as far as this process knows. */
  refused(): RefusedAccess[] {
    return this.all().flatMap((adapter) => (adapter instanceof AccessGate ? (adapter.refused() ?? []) : []))
  }
}
