import {
  ConnectionStore,
  type ConnectionChange,
  type ConnectionCheck,
  type NewConnection,
  type Removal,
} from '../../../connections/connection-store.js'
import type { Connection } from '../../../domain/connection-record.js'
import { isLive } from '../../../domain/events/event-state.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import { attachedChannels } from '../attached-channels.js'
import type { MemoryDatabase } from '../memory-database.js'
import { memoryTransaction } from '../memory-transaction.js'
import { byId } from '../sorting.js'
import { newConnectionRow } from './new-connection-row.js'

const isKept = ({ removedAt }: Connection) => removedAt === null

export class MemoryConnectionStore extends ConnectionStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async list(): Promise<Connection[]> {
    this.database.assertAvailable()
    return this.database.connections.where(null, isKept).toSorted(byId)
  }

  async find(id: string): Promise<Connection | null> {
    this.database.assertAvailable()
    return this.database.connections.get(null, id) ?? null
  }

  async versions(): Promise<Map<string, number>> {
    this.database.assertAvailable()
    return new Map(this.database.connections.where(null, isKept).map(({ id, version }) => [id, version]))
  }

  async create(transaction: DatabaseTransaction | null, connection: NewConnection): Promise<Connection> {
    this.database.assertAvailable()
    const row = { ...newConnectionRow(connection, this.database.clock.now()), fromEnvironment: false }
    await this.database.connections.insert(transaction, row)
    return row
  }

  async change(
    transaction: DatabaseTransaction | null,
    id: string,
    { label, credentials }: ConnectionChange,
  ): Promise<Connection | null> {
    this.database.assertAvailable()
    const replaced = credentials && { credentials: credentials.encrypted, fingerprint: credentials.fingerprint }
    const { connections } = this.database
    const change = (row: Connection) => ({
      version: row.version + 1,
      ...(label !== undefined && { label }),
      ...replaced,
    })
    const changed = await connections.update(transaction, id, change, isKept)
    return changed ? (connections.get(transaction, id) ?? null) : null
  }

  async reencrypt(id: string, before: Uint8Array, after: Uint8Array): Promise<boolean> {
    this.database.assertAvailable()
    const isSame = ({ credentials }: Connection) => credentials !== null && Buffer.compare(credentials, before) === 0
    return this.database.connections.update(null, id, { credentials: after }, isSame)
  }

  async recordCheck(id: string, check: ConnectionCheck): Promise<void> {
    this.database.assertAvailable()
    await this.database.connections.update(null, id, check, isKept)
  }

  async refreshEnvironment(id: string, fingerprint: string | null): Promise<void> {
    this.database.assertAvailable()
    const unchecked = { state: 'UNCHECKED', checkedAt: null, detail: null, accountId: null, accountName: null } as const
    const isOther = (row: Connection) => row.fromEnvironment && row.fingerprint !== fingerprint
    await this.database.connections.update(null, id, { ...unchecked, fingerprint }, isOther)
  }

  async remove(transaction: DatabaseTransaction, id: string, now: Date): Promise<Removal> {
    this.database.assertAvailable()
    await memoryTransaction(transaction)?.lock(this.database.connections.lockOf(id))
    const row = this.database.connections.get(transaction, id)
    if (!row || !isKept(row) || row.fromEnvironment) return 'UNKNOWN'
    const live = attachedChannels(this.database, transaction, (event) => isLive(event, now))
    if (live.some(({ connectionId }) => connectionId === id)) return 'IN_USE'
    const erased = { removedAt: now, credentials: null, fingerprint: null, version: row.version + 1 }
    await this.database.connections.update(transaction, id, erased)
    return 'REMOVED'
  }

  async lockUsable(transaction: DatabaseTransaction, id: string): Promise<boolean> {
    this.database.assertAvailable()
    await memoryTransaction(transaction)?.lock(this.database.connections.lockOf(id))
    const row = this.database.connections.get(transaction, id)
    return row !== undefined && isKept(row)
  }

  async liveChannels(now: Date): Promise<Map<string, number>> {
    this.database.assertAvailable()
    const counts = new Map<string, number>()
    for (const { connectionId } of attachedChannels(this.database, null, (event) => isLive(event, now))) {
      counts.set(connectionId, (counts.get(connectionId) ?? 0) + 1)
    }
    return counts
  }
}
