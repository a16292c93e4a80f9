import { SECRET_PREFIXES, StoredSecrets, type StoredSecret } from '../../../infrastructure/encryption/stored-secrets.js'
import type { Prisma, PrismaClient } from '../../../generated/prisma/client.js'

export class PrismaStoredSecrets extends StoredSecrets {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  list(): Promise<StoredSecret[]> {
    return this.prisma.storedValue.findMany({
      where: { OR: SECRET_PREFIXES.map((prefix) => ({ key: { startsWith: prefix } })) },
      select: { key: true, value: true },
      orderBy: { key: 'asc' },
    })
  }

  async replace(key: string, before: unknown, after: object): Promise<boolean> {
    const where = { key, value: { equals: before as Prisma.InputJsonValue } }
    const { count } = await this.prisma.storedValue.updateMany({ where, data: { value: { ...after } } })
    return count > 0
  }
}
