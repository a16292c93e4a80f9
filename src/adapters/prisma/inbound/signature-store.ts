import type { Prisma, PrismaClient } from '../../../generated/prisma/client.js'
import { signatureKey } from '../../../inbound/subscriptions/stored-keys.js'
import { SignatureStore, type RefusedSignatures } from '../../../inbound/receive/signature-store.js'

export class PrismaSignatureStore extends SignatureStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async add(connectionId: string, refused: number, instant: Date): Promise<void> {
    const [key, at] = [signatureKey(connectionId), instant.toISOString()]
    const value: Prisma.InputJsonObject = { count: refused, firstAt: at, lastAt: at }
    await this.prisma.$executeRaw`
      INSERT INTO stored_values (key, value, updated_at) VALUES (${key}, ${value}::jsonb, now())
      ON CONFLICT (key) DO UPDATE SET updated_at = now(), value = stored_values.value
        || jsonb_build_object('lastAt', ${at}::text, 'count', (stored_values.value->>'count')::bigint + ${refused}::int)`
  }

  async counts(connectionIds: readonly string[]): Promise<Map<string, RefusedSignatures>> {
    const byKey = new Map(connectionIds.map((id) => [signatureKey(id), id]))
    const rows = await this.prisma.storedValue.findMany({ where: { key: { in: [...byKey.keys()] } } })
    return new Map(
      rows.flatMap(({ key, value }) => {
        const id = byKey.get(key)
        return id ? [[id, value as unknown as RefusedSignatures] as const] : []
      }),
    )
  }

  async clear(connectionId: string): Promise<void> {
    await this.prisma.storedValue.deleteMany({ where: { key: signatureKey(connectionId) } })
  }
}
