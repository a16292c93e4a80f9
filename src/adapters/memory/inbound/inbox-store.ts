import { InboxStore, type InboxDelivery, type InboxEntry } from '../../../inbound/receive/inbox-store.js'
import type { MemoryDatabase } from '../memory-database.js'
import type { InboxRow } from '../rows.js'

export class MemoryInboxStore extends InboxStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async add({ body, headers, ...delivery }: InboxDelivery): Promise<void> {
    this.database.assertAvailable()
    const stored = { headers: { ...headers }, body: new Uint8Array(body) }
    const row = { id: this.database.nextId(), ...delivery, ...stored, drainedAt: null }
    await this.database.inbox.insert(null, row)
  }

  async undrained(limit: number): Promise<InboxEntry[]> {
    return this.open()
      .slice(0, limit)
      .map(({ drainedAt: _, ...entry }) => entry)
  }

  async markDrained(ids: readonly bigint[], at: Date): Promise<void> {
    this.database.assertAvailable()
    const drained = { drainedAt: at, headers: {}, body: new Uint8Array() }
    for (const id of ids) await this.database.inbox.update(null, String(id), drained)
  }

  async oldestReceivedAt(): Promise<Date | null> {
    return this.open()[0]?.receivedAt ?? null
  }

  private open(): InboxRow[] {
    this.database.assertAvailable()
    const rows = this.database.inbox.where(null, ({ drainedAt }) => drainedAt === null)
    return rows.toSorted((a, b) => Number(a.id - b.id))
  }
}
