import type { PrismaService } from '../../../infrastructure/prisma/prisma.service.js'
import type { StoredToken, TokenStore } from './token-store.js'

const REFRESH_TIMEOUT_MS = 20_000

/**
 * Meetup's tokens in PostgreSQL. Refresh tokens are single-use: the new one must be stored before the new access token
 * is used.
 */
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
