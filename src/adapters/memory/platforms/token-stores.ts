import { TokenStores, type TokenRow } from '../../../platforms/meetup/access/token-store.js'
import type { MemoryDatabase } from '../memory-database.js'

export class MemoryTokenStores extends TokenStores {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  of(key: string): TokenRow {
    return new MemoryTokenRow(this.database, key)
  }
}

class MemoryTokenRow implements TokenRow {
  constructor(
    private readonly database: MemoryDatabase,
    private readonly key: string,
  ) {}

  async load(): Promise<unknown> {
    this.database.assertAvailable()
    return this.database.storedValues.get(null, this.key)?.value ?? null
  }

  async save(token: object): Promise<void> {
    this.database.assertAvailable()
    const updatedAt = this.database.clock.now()
    await this.database.storedValues.upsert(null, { key: this.key, value: { ...token }, updatedAt })
  }

  async erase(): Promise<void> {
    this.database.assertAvailable()
    await this.database.storedValues.deleteWhere(null, ({ key }) => key === this.key)
  }

  /** As in PostgreSQL the transaction only holds the lock, and `save` inside `work` commits on its own. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction(async (transaction) => {
      await transaction.lock(`stored value ${this.key}`)
      return work()
    })
  }
}
