import { isClosing, isLive, isOpen } from '../../../domain/events/event-state.js'
import { committedTickets, isSoftCapReached, softCapThreshold } from '../../../domain/events/soft-cap.js'
import type { Channel } from '../../../domain/channel-record.js'
import type { Event } from '../../../domain/event-record.js'
import type { DatabaseTransaction } from '../../../infrastructure/transaction.js'
import {
  EventStore,
  type EventFilter,
  type EventSnapshot,
  type EventWithBalances,
  type EventWithChannels,
  type NewEvent,
} from '../../../stock/event-store.js'
import { EventUnknown } from '../../../stock/ledger-store.js'
import { balancesIn } from './ledger-store.js'
import type { MemoryDatabase } from '../memory-database.js'
import type { Scope } from '../memory-table.js'
import { definedValues } from '../defined-values.js'
import { newEventRow } from './new-event-row.js'
import { byId, byInstant } from '../sorting.js'

export class MemoryEventStore extends EventStore {
  constructor(private readonly database: MemoryDatabase) {
    super()
  }

  async exists(eventId: string): Promise<boolean> {
    this.database.assertAvailable()
    return this.database.events.get(null, eventId) !== undefined
  }

  async find(eventId: string): Promise<Event | null> {
    this.database.assertAvailable()
    return this.database.events.get(null, eventId) ?? null
  }

  async read(transaction: DatabaseTransaction, eventId: string): Promise<Event> {
    this.database.assertAvailable()
    const event = this.database.events.get(transaction, eventId)
    if (!event) throw new EventUnknown(eventId)
    return event
  }

  async ids(filter: EventFilter): Promise<string[]> {
    return this.matching(filter).map(({ id }) => id)
  }

  async idsBySoonestStart(filter: EventFilter): Promise<string[]> {
    const events = this.matching(filter).toSorted(byInstant(({ startsAt }) => startsAt))
    return events.map(({ id }) => id)
  }

  async snapshots(filter: EventFilter): Promise<EventSnapshot[]> {
    return this.matching(filter).flatMap((event) => this.snapshotOf(event) ?? [])
  }

  async snapshot(eventId: string): Promise<EventSnapshot | null> {
    this.database.assertAvailable()
    const event = this.database.events.get(null, eventId)
    return event ? this.snapshotOf(event) : null
  }

  async withBalances(eventId: string): Promise<EventWithBalances | null> {
    this.database.assertAvailable()
    const event = this.database.events.get(null, eventId)
    if (!event || !this.database.ledgers.get(null, eventId)) return null
    return { ...event, balances: balancesIn(this.database, null, eventId) }
  }

  async idsAtSoftCap(): Promise<string[]> {
    this.database.assertAvailable()
    const now = this.database.clock.now()
    const watched = this.database.events.where(null, (event) => isOpen(event, now) && event.redAlarmSince === null)
    const reached = watched.filter(({ id, softCapRatio }) => {
      const balances = balancesIn(this.database, null, id)
      const taken = committedTickets(balances, this.beingPaid(null, id))
      return isSoftCapReached(taken, softCapThreshold(softCapRatio, balances))
    })
    return reached.map(({ id }) => id)
  }

  async unitsBeingPaid(transaction: DatabaseTransaction | null, eventId: string): Promise<number> {
    this.database.assertAvailable()
    return this.beingPaid(transaction, eventId)
  }

  async withChannels(transaction: DatabaseTransaction | null, eventId: string): Promise<EventWithChannels> {
    this.database.assertAvailable()
    const event = this.database.events.get(transaction, eventId)
    if (!event) throw new EventUnknown(eventId)
    return this.addChannels(transaction, event)
  }

  async allWithChannels(
    transaction: DatabaseTransaction,
    eventIds: readonly string[],
  ): Promise<Map<string, EventWithChannels>> {
    this.database.assertAvailable()
    const events = eventIds.flatMap((eventId) => this.database.events.get(transaction, eventId) ?? [])
    return new Map(events.map((event) => [event.id, this.addChannels(transaction, event)]))
  }

  async create(transaction: DatabaseTransaction, event: NewEvent): Promise<Event> {
    this.database.assertAvailable()
    const row = newEventRow(event, this.database.clock.now())
    await this.database.events.insert(transaction, row)
    return row
  }

  async update(
    transaction: DatabaseTransaction,
    eventId: string,
    change: Partial<Omit<Event, 'id' | 'createdAt' | 'updatedAt'>>,
  ): Promise<void> {
    this.database.assertAvailable()
    const updatedAt = this.database.clock.now()
    const values = { ...definedValues(change), updatedAt }
    if (!(await this.database.events.update(transaction, eventId, values))) throw new EventUnknown(eventId)
  }

  private matching({ scope, now, ids, hasChannels, onSale, oversold }: EventFilter): Event[] {
    this.database.assertAvailable()
    const { events } = this.database
    const named = ids && [...new Set(ids)].flatMap((id) => events.get(null, id) ?? [])
    return (named ?? events.where(null))
      .filter((event) => this.isIn(scope, event, now))
      .filter((event) => !hasChannels || this.channelsOf(null, event).length > 0)
      .filter((event) => !onSale || isOnSale(event, now))
      .filter(({ id }) => !oversold || balancesIn(this.database, null, id).OVERSOLD < 0)
      .toSorted(byId)
  }

  private beingPaid(scope: Scope, id: string): number {
    const { holds } = this.database
    const paid = holds.whereKey(scope, 'state', 'PAYMENT_PENDING', ({ eventId }) => eventId === id)
    return paid.reduce((sum, { quantity }) => sum + quantity, 0)
  }

  private isIn(scope: EventFilter['scope'], event: Event, now: Date): boolean {
    if (scope === 'open') return isOpen(event, now)
    return isLive(event, now) || (scope === 'synced' && isClosing(event, this.channelsOf(null, event), now))
  }

  private channelsOf(scope: Scope, event: Event): Channel[] {
    return this.database.channels.whereKey(scope, 'eventId', event.id).toSorted(byId)
  }

  private addChannels(scope: Scope, event: Event): EventWithChannels {
    return { ...event, channels: this.channelsOf(scope, event) }
  }

  private snapshotOf(event: Event): EventSnapshot | null {
    if (!this.database.ledgers.get(null, event.id)) return null
    return { ...this.addChannels(null, event), balances: balancesIn(this.database, null, event.id) }
  }
}

function isOnSale({ redAlarmSince, pausedSince, startsAt }: Event, now: Date): boolean {
  return redAlarmSince === null && pausedSince === null && startsAt > now
}
