import type { EventPlace } from '../domain/events/event-line.js'
import type { Hold } from '../domain/hold-record.js'
import type { DatabaseTransaction } from '../infrastructure/transaction.js'

export const ENTRY_STATES = ['WAITING', 'OFFERED', 'CONFIRMED', 'LAPSED', 'LEFT'] as const
export type EntryState = (typeof ENTRY_STATES)[number]

export interface WaitlistEntry {
  id: string
  /** The order of the list. */
  seq: bigint
  eventId: string
  name: string
  email: string
  quantity: number
  /** LAPSED: the offer was not claimed in time, or not paid. */
  state: EntryState
  /** The hold that was offered. */
  holdId: string | null
  createdAt: Date
  /** When the owner of the address has confirmed it; null: not yet. */
  verifiedAt: Date | null
  offeredAt: Date | null
  settledAt: Date | null
}

/** An entry with the hold that was offered; null: none was. */
export interface EntryWithHold extends WaitlistEntry {
  hold: Hold | null
}

export interface EntryFilter {
  /** Only entries after this one in the order of the list. */
  after?: bigint
  state?: EntryState
}

/** The event of those who join its waitlist, and what it allows them. */
export interface JoinTerms extends EventPlace {
  closed: boolean
  /** The largest number of tickets of one customer; null: any. */
  maxHeldPerCustomer: number | null
}

export interface EligibleFilter {
  /** Only entries whose address is verified. */
  verifiedOnly: boolean
  /** Tickets of one entry, at most. */
  maxQuantity: number
  /** Entries, at most. */
  limit: number
}

export type QueuedEntry = Pick<WaitlistEntry, 'id' | 'seq' | 'state'>

/** Waiting entries and those with an open offer are counted as positions. */
export const QUEUED_STATES = ['WAITING', 'OFFERED'] as const satisfies readonly EntryState[]

export function isQueued({ state }: Pick<WaitlistEntry, 'state'>): boolean {
  return QUEUED_STATES.some((queued) => queued === state)
}

/**
 * Rows of waitlist entries. An entry is *eligible* when it is waiting, and its address has no open offer and has received
 * none since the entry was created: an address can have several entries, because joining does not verify it. Where mails
 * are sent the address also has to be verified (`verifiedOnly`).
 */
export abstract class WaitlistStore {
  /** Reads without a lock. Null: unknown. */
  abstract joinTerms(transaction: DatabaseTransaction, eventId: string): Promise<JoinTerms | null>

  /** Appends a waiting entry; returns its place in the order of the list. */
  abstract add(
    transaction: DatabaseTransaction,
    entry: Pick<WaitlistEntry, 'id' | 'eventId' | 'name' | 'email' | 'quantity' | 'createdAt'>,
  ): Promise<bigint>

  /** Number of queued entries up to and including this one. Null as transaction: outside one. */
  abstract position(transaction: DatabaseTransaction | null, eventId: string, seq: bigint): Promise<number>

  /** Up to `limit` entries in the order of the list. */
  abstract list(eventId: string, filter: EntryFilter, limit: number): Promise<EntryWithHold[]>

  /** Null: unknown. */
  abstract find(id: string): Promise<EntryWithHold | null>

  /** Ends an entry in this state. False: it is in another one. */
  abstract leave(id: string, from: EntryState, at: Date): Promise<boolean>

  /** Waits for the entry and locks it. Null: unknown. */
  abstract lock(transaction: DatabaseTransaction, eventId: string, id: string): Promise<WaitlistEntry | null>

  /** Locks eligible entries that no other transaction has locked; in the order of the list. */
  abstract lockEligible(
    transaction: DatabaseTransaction,
    eventId: string,
    filter: EligibleFilter,
  ): Promise<WaitlistEntry[]>

  /** Records that a waiting entry is offered this hold. */
  abstract offer(transaction: DatabaseTransaction, id: string, holdId: string, at: Date): Promise<void>

  /**
   * Ids of open events that are not paused, and need a decision about their committed free units: those that were sold
   * out and have such units, and those in a red alarm with the AUTOMATIC policy whose direct units suffice for an eligible
   * entry. In no particular order. Reads without locks; whether an event is open depends on the time of the database.
   */
  abstract eventsToOffer(verifiedOnly: boolean): Promise<string[]>

  /** Whether units of the locked event that became free are not on general sale, because it was sold out. */
  abstract isSoldOut(transaction: DatabaseTransaction, eventId: string): Promise<boolean>

  /** The free units of the locked event are on general sale until it is sold out again. */
  abstract endSoldOut(transaction: DatabaseTransaction, eventId: string): Promise<void>

  /** The address of the entry is confirmed by its owner; the first time counts. */
  abstract verify(id: string, at: Date): Promise<void>

  /** Number of entries of an address, in any case, that were created since then. */
  abstract countOf(transaction: DatabaseTransaction, eventId: string, email: string, since: Date): Promise<number>

  /** Queued entries in the order of the list. */
  abstract queue(transaction: DatabaseTransaction, eventId: string): Promise<QueuedEntry[]>

  /** Gives entries new places, which have to be places of these entries. */
  abstract reorder(transaction: DatabaseTransaction, places: readonly Pick<QueuedEntry, 'id' | 'seq'>[]): Promise<void>

  /** Deletes entries that were created before then, have never been verified and never had an offer; returns their number. */
  abstract deleteUnverified(before: Date): Promise<number>
}
