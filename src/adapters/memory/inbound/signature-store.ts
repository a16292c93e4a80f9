import { signatureKey } from '../../../inbound/subscriptions/stored-keys.js'
import { SignatureStore, type RefusedSignatures } from '../../../inbound/receive/signature-store.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemorySignatureStore extends SignatureStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async add(connectionId: string, refused: number, instant: Date): Promise<void> {
    this.database.assertAvailable()
    const [key, at, updatedAt] = [signatureKey(connectionId), instant.toISOString(), this.database.clock.now()]
    const added = (recorded?: RefusedSignatures) => {
      const value = { ...(recorded ?? { firstAt: at }), count: (recorded?.count ?? 0) + refused, lastAt: at }
      return { key, value, updatedAt }
    }
    await this.database.storedValues.upsert(null, added(), ({ value }) => added(value as RefusedSignatures))
  }

  async counts(connectionIds: readonly string[]): Promise<Map<string, RefusedSignatures>> {
    this.database.assertAvailable()
    return new Map(
      connectionIds.flatMap((id) => {
        const row = this.database.storedValues.get(null, signatureKey(id))
        return row ? [[id, row.value as RefusedSignatures] as const] : []
      }),
    )
  }

  async clear(connectionId: string): Promise<void> {
    this.database.assertAvailable()
    await this.database.storedValues.deleteWhere(null, ({ key }) => key === signatureKey(connectionId))
  }
}
