import {
  ConnectionStore,
  type ConnectionChange,
  type ConnectionCheck,
  type NewConnection,
  type Removal,
} from '../../../connections/connection-store.js'
import type { Connection } from '../../../domain/connection-record.js'
import type { PrismaClient } from '../../../generated/prisma/client.js'
import { withPlatform } from '../../../infrastructure/prisma/channel-rows.js'
import { liveChannels } from '../../../infrastructure/prisma/live-events.js'
import { clientOf, type Transaction } from '../../../infrastructure/prisma/transaction.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'

const KEPT = { removedAt: null } as const

export class PrismaConnectionStore extends ConnectionStore {
  constructor(private readonly prisma: PrismaClient) {
    super()
  }

  async list(): Promise<Connection[]> {
    const rows = await this.prisma.connection.findMany({ where: KEPT, orderBy: { id: 'asc' } })
    return rows.map(withPlatform)
  }

  async find(id: string): Promise<Connection | null> {
    const row = await this.prisma.connection.findUnique({ where: { id } })
    return row && withPlatform(row)
  }

  async versions(): Promise<Map<string, number>> {
    const rows = await this.prisma.connection.findMany({ where: KEPT, select: { id: true, version: true } })
    return new Map(rows.map(({ id, version }) => [id, version]))
  }

  async create(transaction: DatabaseTransaction | null, connection: NewConnection): Promise<Connection> {
    const credentials = new Uint8Array(connection.credentials)
    const data = { ...connection, credentials, fromEnvironment: false }
    return withPlatform(await this.rows(transaction).create({ data }))
  }

  async change(
    transaction: DatabaseTransaction | null,
    id: string,
    { label, credentials }: ConnectionChange,
  ): Promise<Connection | null> {
    const replaced = credentials && {
      credentials: new Uint8Array(credentials.encrypted),
      fingerprint: credentials.fingerprint,
    }
    const data = { version: { increment: 1 }, ...(label !== undefined && { label }), ...replaced }
    const [row] = await this.rows(transaction).updateManyAndReturn({ where: { id, ...KEPT }, data })
    return row ? withPlatform(row) : null
  }

  async reencrypt(id: string, before: Uint8Array, after: Uint8Array): Promise<boolean> {
    const where = { id, credentials: new Uint8Array(before) }
    return (await this.prisma.connection.updateMany({ where, data: { credentials: new Uint8Array(after) } })).count > 0
  }

  async recordCheck(id: string, check: ConnectionCheck): Promise<void> {
    await this.prisma.connection.updateMany({ where: { id, ...KEPT }, data: check })
  }

  async refreshEnvironment(id: string, fingerprint: string | null): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE connections SET fingerprint = ${fingerprint}, state = 'UNCHECKED', checked_at = NULL, detail = NULL,
        account_id = NULL, account_name = NULL
      WHERE id = ${id} AND from_environment AND fingerprint IS DISTINCT FROM ${fingerprint}`
  }

  async remove(transaction: DatabaseTransaction, id: string, now: Date): Promise<Removal> {
    const client = clientOf(transaction)
    const found = await client.$queryRaw<object[]>`
      SELECT 1 FROM connections WHERE id = ${id} AND removed_at IS NULL AND NOT from_environment FOR UPDATE`
    if (found.length === 0) return 'UNKNOWN'
    if ((await client.channel.count({ where: { connectionId: id, ...liveChannels(now) } })) > 0) return 'IN_USE'
    const data = { removedAt: now, credentials: null, fingerprint: null, version: { increment: 1 } }
    await client.connection.update({ where: { id }, data })
    return 'REMOVED'
  }

  async lockUsable(transaction: DatabaseTransaction, id: string): Promise<boolean> {
    const found = await clientOf(transaction).$queryRaw<object[]>`
      SELECT 1 FROM connections WHERE id = ${id} AND removed_at IS NULL FOR SHARE`
    return found.length > 0
  }

  async liveChannels(now: Date): Promise<Map<string, number>> {
    const where = liveChannels(now)
    const groups = await this.prisma.channel.groupBy({ by: ['connectionId'], where, _count: true })
    return new Map(groups.map(({ connectionId, _count: count }) => [connectionId, count]))
  }

  private rows(transaction: DatabaseTransaction | null): Transaction['connection'] {
    return (transaction ? clientOf(transaction) : this.prisma).connection
  }
}
