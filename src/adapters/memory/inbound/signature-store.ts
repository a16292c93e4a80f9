import { PLATFORMS, type Platform } from '../../../domain/channel.js'
import { signatureKey } from '../../../inbound/subscriptions/stored-keys.js'
import { SignatureStore, type RefusedSignatures } from '../../../inbound/receive/signature-store.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemorySignatureStore extends SignatureStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async add(platform: Platform, refused: number, instant: Date): Promise<void> {
    this.database.assertAvailable()
    const [key, at, updatedAt] = [signatureKey(platform), instant.toISOString(), this.database.clock.now()]
    const added = (recorded?: RefusedSignatures) => {
      const value = { ...(recorded ?? { firstAt: at }), count: (recorded?.count ?? 0) + refused, lastAt: at }
      return { key, value, updatedAt }
    }
    await this.database.storedValues.upsert(null, added(), ({ value }) => added(value as RefusedSignatures))
  }

  async counts(): Promise<Map<Platform, RefusedSignatures>> {
    this.database.assertAvailable()
    return new Map(
      PLATFORMS.flatMap((platform) => {
        const row = this.database.storedValues.get(null, signatureKey(platform))
        return row ? [[platform, row.value as RefusedSignatures] as const] : []
      }),
    )
  }

  async clear(platform: Platform): Promise<void> {
    this.database.assertAvailable()
    await this.database.storedValues.deleteWhere(null, ({ key }) => key === signatureKey(platform))
  }
}
