import type { PrismaClient } from '../../../generated/prisma/client.js'
import { TokenStores, type StoredToken, type TokenStore } from '../../../platforms/meetup/access/token-store.js'

const REFRESH_TIMEOUT_MS = 20_000

export class PrismaTokenStores extends TokenStores {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  of(key: string): TokenStore {
    return new PrismaTokenStore(this.prisma, key)
  }
}

class PrismaTokenStore implements TokenStore {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly key: string,
  ) {}

  async load(): Promise<StoredToken | null> {
    const row = await this.prisma.storedValue.findUnique({ where: { key: this.key } })
    return (row?.value as StoredToken | null | undefined) ?? null
  }

  async save(token: StoredToken): Promise<void> {
    const value = { ...token }
    await this.prisma.storedValue.upsert({
      where: { key: this.key },
      create: { key: this.key, value },
      update: { value },
    })
  }

  /** The transaction only holds the lock; `save` inside `work` commits on its own, immediately. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.prisma.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(${this.key}, 0))`
        return work()
      },
      { maxWait: REFRESH_TIMEOUT_MS, timeout: REFRESH_TIMEOUT_MS },
    )
  }
}
