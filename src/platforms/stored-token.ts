import type { PrismaService } from '../infrastructure/prisma/prisma.service.js'
import type { StoredToken, TokenStore } from './meetup/token-store.js'

const RENEWAL_LIMIT_MS = 20_000

/** Meetup's tokens in PostgreSQL: single-use refresh tokens must be kept before the new access token is used. */
export class PostgresTokenStore implements TokenStore {
  constructor(
    private readonly prisma: PrismaService,
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

  /** A lock of the transaction that only guards: what `work` saves is committed by itself, and at once. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.prisma.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(${this.key}, 0))`
        return work()
      },
      { maxWait: RENEWAL_LIMIT_MS, timeout: RENEWAL_LIMIT_MS },
    )
  }
}
