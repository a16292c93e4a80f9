import type { PrismaClient } from '../../../generated/prisma/client.js'
import { TokenStores, type TokenRow } from '../../../platforms/meetup/access/token-store.js'

const REFRESH_TIMEOUT_MS = 20_000

export class PrismaTokenStores extends TokenStores {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  of(key: string): TokenRow {
    return new PrismaTokenRow(this.prisma, key)
  }
}

class PrismaTokenRow implements TokenRow {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly key: string,
  ) {}

  async load(): Promise<unknown> {
    const row = await this.prisma.storedValue.findUnique({ where: { key: this.key } })
    return row?.value ?? null
  }

  async save(token: object): Promise<void> {
    const value = { ...token }
    await this.prisma.storedValue.upsert({
      where: { key: this.key },
      create: { key: this.key, value },
      update: { value },
    })
  }

  async erase(): Promise<void> {
    await this.prisma.storedValue.deleteMany({ where: { key: this.key } })
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
