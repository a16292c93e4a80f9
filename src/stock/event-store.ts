import type { Balances } from '../domain/stock/ledger-account.js'
import type { Channel } from '../domain/channel-record.js'
import type { Event } from '../domain/event-record.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'

export interface EventWithChannels extends Event {
  channels: Channel[]
}

/** An event with the balances committed when it was read. */
export interface EventWithBalances extends Event {
  balances: Balances
}

/** An event with its channels and the balances committed when it was read. */
export interface EventSnapshot extends EventWithChannels, EventWithBalances {}

/** Values of a new event; undefined: the default of the column. */
export interface NewEvent
  extends
    Pick<Event, 'id' | 'name' | 'startsAt' | 'endsAt' | 'salesEndAt' | 'capacity' | 'targetCapacity' | 'seatCount'>,
    Pick<Event, 'softCapRatio' | 'safetyStockRatio' | 'directWeight'>,
    Partial<Pick<Event, 'venue' | 'timezone' | 'priceCents' | 'currency' | 'maxHeldPerCustomer' | 'waitlistPolicy'>>,
    Partial<Pick<Event, 'demo'>> {}

export interface EventFilter {
  /**
   * `live`: not ended, and not closed or only recently closed. `open`: live and not closed. `synced`: live, or closed
   * earlier with a listing that is not confirmed as closed (`isClosing`).
   */
  scope: 'live' | 'open' | 'synced'
  now: Date
  /** Only these events; undefined: all. */
  ids?: readonly string[]
  /** Only events with channels. */
  hasChannels?: boolean
  /** Only events that are neither paused nor stopped by the red alarm, and have not started. */
  onSale?: boolean
  /** Only events with tickets sold beyond the available units. */
  oversold?: boolean
}

/** Rows of events with their channels. */
export abstract class EventStore {
  abstract exists(eventId: string): Promise<boolean>

  /** Null: unknown. */
  abstract find(eventId: string): Promise<Event | null>

  /** Throws EventUnknown. */
  abstract read(transaction: DatabaseTransaction, eventId: string): Promise<Event>

  /** Ids of the matching events, in ascending order. */
  abstract ids(filter: EventFilter): Promise<string[]>

  /** Ids of the matching events, soonest start first. */
  abstract idsBySoonestStart(filter: EventFilter): Promise<string[]>

  /** Matching events that have a ledger, by ascending id, each with its channels by ascending id. */
  abstract snapshots(filter: EventFilter): Promise<EventSnapshot[]>

  /** Null: unknown, or without a ledger. */
  abstract snapshot(eventId: string): Promise<EventSnapshot | null>

  /** As a snapshot, without its channels. Null: unknown, or without a ledger. */
  abstract withBalances(eventId: string): Promise<EventWithBalances | null>

  /**
   * Ids of open events without a red alarm in which as much is sold and being paid as the soft cap allows, in no
   * particular order. Events without sales are not among them. Whether an event is open depends on the time of the database.
   */
  abstract idsAtSoftCap(): Promise<string[]>

  /** Units of the holds whose payment is in progress. Null as transaction: outside one. */
  abstract unitsBeingPaid(transaction: DatabaseTransaction | null, eventId: string): Promise<number>

  /** Channels by ascending id. Null as transaction: outside one. Throws EventUnknown. */
  abstract withChannels(transaction: DatabaseTransaction | null, eventId: string): Promise<EventWithChannels>

  /** As `withChannels`, for all of these events that exist. */
  abstract allWithChannels(
    transaction: DatabaseTransaction,
    eventIds: readonly string[],
  ): Promise<Map<string, EventWithChannels>>

  /** Without a ledger and channels. Returns the created row. */
  abstract create(transaction: DatabaseTransaction, event: NewEvent): Promise<Event>

  /** Undefined values are not changed. Throws EventUnknown. */
  abstract update(
    transaction: DatabaseTransaction,
    eventId: string,
    change: Partial<Omit<Event, 'id' | 'createdAt' | 'updatedAt'>>,
  ): Promise<void>
}
