import { isDeepStrictEqual } from 'node:util'
import { SECRET_PREFIXES, StoredSecrets, type StoredSecret } from '../../../infrastructure/encryption/stored-secrets.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemoryStoredSecrets extends StoredSecrets {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async list(): Promise<StoredSecret[]> {
    this.database.assertAvailable()
    const rows = this.database.storedValues.where(null, ({ key }) => SECRET_PREFIXES.some((one) => key.startsWith(one)))
    const secrets = rows.map(({ key, value }) => ({ key, value: structuredClone(value) }))
    return secrets.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  }

  async replace(key: string, before: unknown, after: object): Promise<boolean> {
    this.database.assertAvailable()
    const change = { value: { ...after }, updatedAt: this.database.clock.now() }
    return this.database.storedValues.update(null, key, change, ({ value }) => isDeepStrictEqual(value, before))
  }
}
