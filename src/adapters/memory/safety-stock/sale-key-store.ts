import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { SaleKeyStore, type SaleKey, type SaleKeyId } from '../../../safety-stock/sale-key-store.js'
import { saleKey, type MemoryDatabase } from '../memory-database.js'

export class MemorySaleKeyStore extends SaleKeyStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async find(transaction: DatabaseTransaction, key: SaleKeyId): Promise<SaleKey | null> {
    this.database.assertAvailable()
    return this.database.safetySaleKeys.get(transaction, saleKey(key)) ?? null
  }

  async put(transaction: DatabaseTransaction, key: SaleKey): Promise<void> {
    this.database.assertAvailable()
    await this.database.safetySaleKeys.upsert(transaction, { ...key })
  }
}
