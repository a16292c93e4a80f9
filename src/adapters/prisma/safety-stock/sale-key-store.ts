import { clientOf } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { SaleKeyStore, type SaleKey, type SaleKeyId } from '../../../safety-stock/sale-key-store.js'

export class PrismaSaleKeyStore extends SaleKeyStore {
  find(transaction: DatabaseTransaction, key: SaleKeyId): Promise<SaleKey | null> {
    return clientOf(transaction).safetySaleKey.findUnique({ where: { eventId_userId_idempotencyKey: idOf(key) } })
  }

  async put(transaction: DatabaseTransaction, key: SaleKey): Promise<void> {
    await clientOf(transaction).safetySaleKey.upsert({
      where: { eventId_userId_idempotencyKey: idOf(key) },
      create: key,
      update: key,
    })
  }
}

function idOf({ eventId, userId, idempotencyKey }: SaleKeyId): SaleKeyId {
  return { eventId, userId, idempotencyKey }
}
