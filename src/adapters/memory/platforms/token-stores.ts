import { TokenStores, type StoredToken, type TokenStore } from '../../../platforms/meetup/access/token-store.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemoryTokenStores extends TokenStores {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  of(key: string): TokenStore {
    return new MemoryTokenStore(this.database, key)
  }
}

class MemoryTokenStore implements TokenStore {
  constructor(
    private readonly database: MemoryDatabase,
    private readonly key: string,
  ) {}

  async load(): Promise<StoredToken | null> {
    this.database.assertAvailable()
    return (this.database.storedValues.get(null, this.key)?.value as StoredToken | undefined) ?? null
  }

  async save(token: StoredToken): Promise<void> {
    this.database.assertAvailable()
    const updatedAt = this.database.clock.now()
    await this.database.storedValues.upsert(null, { key: this.key, value: { ...token }, updatedAt })
  }

  /** As in PostgreSQL the transaction only holds the lock, and `save` inside `work` commits on its own. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction(async (transaction) => {
      await transaction.lock(`stored value ${this.key}`)
      return work()
    })
  }
}
