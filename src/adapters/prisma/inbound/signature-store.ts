import { PLATFORMS, type Platform } from '../../../domain/channel.js'
import type { Prisma, PrismaClient } from '../../../generated/prisma/client.js'
import { signatureKey } from '../../../inbound/subscriptions/stored-keys.js'
import { SignatureStore, type RefusedSignatures } from '../../../inbound/receive/signature-store.js'

export class PrismaSignatureStore extends SignatureStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async add(platform: Platform, refused: number, instant: Date): Promise<void> {
    const [key, at] = [signatureKey(platform), instant.toISOString()]
    const value: Prisma.InputJsonObject = { count: refused, firstAt: at, lastAt: at }
    await this.prisma.$executeRaw`
      INSERT INTO stored_values (key, value, updated_at) VALUES (${key}, ${value}::jsonb, now())
      ON CONFLICT (key) DO UPDATE SET updated_at = now(), value = stored_values.value
        || jsonb_build_object('lastAt', ${at}::text, 'count', (stored_values.value->>'count')::bigint + ${refused}::int)`
  }

  async counts(): Promise<Map<Platform, RefusedSignatures>> {
    const byKey = new Map(PLATFORMS.map((platform) => [signatureKey(platform), platform]))
    const rows = await this.prisma.storedValue.findMany({ where: { key: { in: [...byKey.keys()] } } })
    return new Map(
      rows.flatMap(({ key, value }) => {
        const platform = byKey.get(key)
        return platform ? [[platform, value as unknown as RefusedSignatures] as const] : []
      }),
    )
  }

  async clear(platform: Platform): Promise<void> {
    await this.prisma.storedValue.deleteMany({ where: { key: signatureKey(platform) } })
  }
}
