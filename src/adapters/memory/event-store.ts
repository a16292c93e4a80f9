import { isLive, isOpen } from '../../domain/event-state.js'
import type { Event } from '../../domain/records/event.js'
import type { DatabaseTransaction } from '../../infrastructure/transaction.js'
import {
  EventStore,
  type EventFilter,
  type EventSnapshot,
  type EventWithChannels,
} from '../../inventory/event-store.js'
import { EventUnknown } from '../../inventory/ledger-store.js'
import { balancesIn } from './ledger-store.js'
import type { MemoryDatabase } from './memory-database.js'
import type { Scope } from './memory-table.js'

export class MemoryEventStore extends EventStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async exists(eventId: string): Promise<boolean> {
    this.database.assertAvailable()
    return this.database.events.get(null, eventId) !== undefined
  }

  async ids(filter: EventFilter): Promise<string[]> {
    return this.matching(filter).map(({ id }) => id)
  }

  async snapshots(filter: EventFilter): Promise<EventSnapshot[]> {
    return this.matching(filter).flatMap((event) => this.snapshotOf(event) ?? [])
  }

  async snapshot(eventId: string): Promise<EventSnapshot | null> {
    this.database.assertAvailable()
    const event = this.database.events.get(null, eventId)
    return event ? this.snapshotOf(event) : null
  }

  async withChannels(transaction: DatabaseTransaction | null, eventId: string): Promise<EventWithChannels> {
    this.database.assertAvailable()
    const event = this.database.events.get(transaction, eventId)
    if (!event) throw new EventUnknown(eventId)
    return this.addChannels(transaction, event)
  }

  async update(
    transaction: DatabaseTransaction,
    eventId: string,
    change: Partial<Omit<Event, 'id' | 'createdAt' | 'updatedAt'>>,
  ): Promise<void> {
    this.database.assertAvailable()
    const updatedAt = this.database.clock.now()
    if (!this.database.events.update(transaction, eventId, { ...change, updatedAt })) throw new EventUnknown(eventId)
  }

  private matching({ scope, now, ids }: EventFilter): Event[] {
    this.database.assertAvailable()
    const inScope = scope === 'live' ? isLive : isOpen
    return this.database.events
      .where(null, (event) => inScope(event, now) && (ids?.includes(event.id) ?? true))
      .toSorted(byId)
  }

  private addChannels(scope: Scope, event: Event): EventWithChannels {
    return {
      ...event,
      channels: this.database.channels.where(scope, ({ eventId }) => eventId === event.id).toSorted(byId),
    }
  }

  private snapshotOf(event: Event): EventSnapshot | null {
    if (!this.database.ledgers.get(null, event.id)) return null
    return { ...this.addChannels(null, event), balances: balancesIn(this.database, null, event.id) }
  }
}

/** As PostgreSQL sorts ids: they are ASCII. */
function byId(a: { id: string }, b: { id: string }): number {
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}
